using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Diagnostics;

public sealed class MetricsTests : IAsyncDisposable
{
    private readonly ProgressApp _app = ProgressApp.Create(builder => builder.Services.AddMetrics(), options => options.PublishInterval = TimeSpan.FromMinutes(1));
    private readonly Measurements _measured;

    public MetricsTests()
    {
        _measured = new(_app.Services);
        // Made at the first use, and with them their instruments.
        _ = (_app.Publisher, _app.Hub);
    }

    public async ValueTask DisposeAsync()
    {
        _measured.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Updates_are_counted_as_reported_conflated_and_stored_by_status()
    {
        for (var percent = 1; percent <= 10; percent++)
            await _app.Publisher.PublishAsync(new("a", "x", percent));
        await _app.FlushAsync();
        await _app.Publisher.PublishAsync(new("a", "x", 10) { Status = ProgressStatus.Failed });
        await _app.FlushAsync();

        Assert.Equal(11, _measured["updates.reported"]);
        Assert.Equal(1, _measured["updates.stored{status=failed}"]);
        Assert.Equal(10, _measured["updates.conflated"] + _measured["updates.stored{status=processing}"]);
        Assert.InRange(_measured["updates.stored{status=processing}"], 1, 2);
        Assert.Equal(1 + _measured["updates.stored{status=processing}"], _measured["publish.duration{outcome=success}"]);
    }

    [Fact]
    public async Task Reports_of_a_job_are_counted()
    {
        await using var job = _app.Publisher.Start("a");
        job.StartStep("x");
        job.Report(0.1);
        job.Report(0.2);
        job.Report(0.2);

        Assert.Equal(3, _measured["updates.reported"]);
    }

    [Fact]
    public async Task Update_after_the_end_is_counted_as_refused()
    {
        await _app.Publisher.PublishAsync(new("a", "x", 100) { Status = ProgressStatus.Completed });
        await _app.FlushAsync();
        await _app.Publisher.PublishAsync(new("a", "x", 50));
        await _app.FlushAsync();

        Assert.Equal(1, _measured["updates.refused{reason=ended}"]);
    }

    [Fact]
    public async Task Older_attempt_is_counted_as_fenced()
    {
        await using var job = _app.Publisher.Start("a");
        await _app.FlushAsync();
        await _app.Backplane.OfferAsync("a", long.MaxValue / 1_000_000, 1);
        job.StartStep("x");
        await _app.FlushAsync();

        Assert.InRange(_measured["updates.refused{reason=newer_attempt}"], 1, 2);
    }

    [Fact]
    public async Task Levels_follow_what_is_there()
    {
        Assert.Equal([0, 0, 0], [_measured["topics"], _measured["readers"], _measured["outbox.documents"]]);

        await _app.Publisher.PublishAsync(new("a", "x", 1));
        await using (var one = new History(_app.Subscriber, "a"))
        {
            await using var two = new History(_app.Subscriber, "a");
            await one.NextAsync();
            await two.NextAsync();
            Assert.Equal([1, 2, 1], [_measured["topics"], _measured["readers"], _measured["outbox.documents"]]);
        }

        Assert.Equal(0, _measured["readers"]);
        Assert.Equal([1, 1], [_measured["backplane.available{side=read}"], _measured["backplane.available{side=write}"]]);
    }

    [Fact]
    public async Task Live_state_is_counted_as_delivered_with_its_lag_and_a_stored_one_without()
    {
        await _app.Backplane.OfferAsync("a", 1764000000000, 1);
        await using var reader = new History(_app.Subscriber, "a");
        await reader.NextAsync();
        Assert.Equal([1, 0], [_measured["states.delivered"], _measured["delivery.lag"]]);

        await _app.Backplane.OfferAsync("a", 1764000000000, 2);
        await reader.NextAsync();

        Assert.Equal([2, 1], [_measured["states.delivered"], _measured["delivery.lag"]]);
    }

    [Fact]
    public async Task State_that_a_reader_skips_is_counted_as_conflated()
    {
        using var watch = _app.Hub.Join("a", new(), after: null);
        await watch.Topic.Opened;
        await _app.Backplane.OfferAsync("a", 1764000000000, 1);
        await _app.Backplane.OfferAsync("a", 1764000000000, 2);
        await _app.Backplane.OfferAsync("a", 1764000000000, 3);

        Assert.True(watch.Mailbox.TryTake(out var delivery) && delivery.State is not null);
        Assert.Equal([2, 1], [_measured["states.conflated"], _measured["states.delivered"]]);
    }

    [Fact]
    public void Instruments_have_units_descriptions_and_names_of_one_family()
    {
        Assert.InRange(_measured.Instruments.Count, 19, 100);
        Assert.All(_measured.Instruments, instrument =>
        {
            Assert.StartsWith("lexintel.progress.", instrument.Name, StringComparison.Ordinal);
            Assert.Matches(@"^(\{[a-z]+\}|s)$", instrument.Unit);
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task No_tag_carries_an_id()
    {
        var id = Guid.NewGuid().ToString("N");
        await using var reader = new History(_app.Subscriber, id);
        await _app.Publisher.PublishAsync(new(id, "step of this document", 1));
        await _app.Publisher.PublishAsync(new(id, "x", 1) { Status = ProgressStatus.Failed, ErrorMessage = "no" });
        await reader.EndAsync();
        _ = _measured["topics"];

        Assert.Equal(["found", "outcome", "reason", "side", "status"], _measured.Tags.Select(tag => tag.Split('=')[0]).Concat(["found", "reason"]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(_measured.Tags, tag => tag.Contains(id, StringComparison.Ordinal));
    }
}
