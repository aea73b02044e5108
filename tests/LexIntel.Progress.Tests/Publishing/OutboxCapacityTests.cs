using System.Diagnostics.Metrics;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>What happens when more documents wait than the outbox holds: counted, logged drops, ends last.</summary>
public sealed class OutboxCapacityTests : IAsyncDisposable
{
    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProgressApp _app;
    private RecordingBackplane? _backplane;

    public OutboxCapacityTests()
    {
        _app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider => _backplane = new(
                new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), TimeProvider.System), TimeProvider.System))),
            options => options.OutboxCapacity = 5);
        _ = _app.Backplane;
        _backplane!.BeforeOffer = () => _hold.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _hold.TrySetResult();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task PublishAsync_outbox_is_full_newest_documents_are_dropped_and_logged()
    {
        await FillAsync();
        await _app.Publisher.PublishAsync(new("one too many", "x", 1));

        Assert.Contains(_app.Log.Named("OutboxFull"), message => message.Text.Contains("one too many", StringComparison.Ordinal));
        _hold.SetResult();
        await _app.FlushAsync();
        Assert.Null(await _app.Subscriber.GetSnapshotAsync("one too many"));
    }

    [Fact]
    public async Task PublishAsync_outbox_is_full_document_that_waits_already_is_taken()
    {
        await FillAsync();
        await _app.Publisher.PublishAsync(new("d3", "x", 99));

        Assert.Empty(_app.Log.Named("OutboxFull"));
        _hold.SetResult();
        Assert.Equal(99, (await _app.StoredAsync("d3")).Percent);
    }

    [Fact]
    public async Task PublishAsync_outbox_is_full_end_takes_the_place_of_an_unfinished_state()
    {
        await FillAsync();
        await _app.Publisher.PublishAsync(new ProgressUpdate("end", "x", 100) { Status = ProgressStatus.Completed });

        _hold.SetResult();
        Assert.Equal(ProgressStatus.Completed, (await _app.StoredAsync("end")).Status);
        var dropped = Assert.Single(_app.Log.Named("OutboxFull"));
        Assert.DoesNotContain("document end", dropped.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_outbox_is_full_a_state_in_flight_is_not_dropped_silently()
    {
        await FillAsync();
        await _app.Publisher.PublishAsync(new("new", "x", 1));

        // The call that is held fails: what was in flight waits again, unless a log said that it was dropped.
        _backplane!.BeforeOffer = null;
        _hold.SetException(new TimeoutException("away"));
        await _app.FlushAsync();

        var dropped = _app.Log.Named("OutboxFull").Count;
        var stored = (await _app.Backplane.ReadAsync([new("in flight"), new("d1"), new("d2"), new("d3"), new("d4"), new("new")], CancellationToken.None)).Count(state => state is not null);
        Assert.Equal(6 - dropped, stored);
    }

    [Fact]
    public async Task PublishAsync_drop_is_counted_by_reason()
    {
        var drops = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ProgressDiagnostics.MeterName && instrument.Name == "lexintel.progress.updates.dropped")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
                Interlocked.Add(ref drops, tag is { Key: "reason", Value: "outbox_full" } ? value : 0);
        });
        listener.Start();
        await FillAsync();

        await _app.Publisher.PublishAsync(new("one too many", "x", 1));

        await Eventually.TrueAsync(() => Interlocked.Read(ref drops) >= 1, "a counted drop");
    }

    [Theory]
    [InlineData(ProgressStatus.Processing)]
    [InlineData(ProgressStatus.Completed)]
    public async Task PublishAsync_stored_documents_make_room(ProgressStatus status)
    {
        _hold.SetResult();
        for (var i = 0; i < 50; i++)
        {
            await _app.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 1) { Status = status });
            await _app.FlushAsync();
        }

        Assert.Empty(_app.Log.Named("OutboxFull"));
    }

    [Fact]
    public async Task Start_outbox_is_full_running_jobs_are_never_dropped()
    {
        await FillAsync();
        var jobs = Enumerable.Range(0, 20).Select(i => _app.Publisher.Start($"job {i}")).ToList();
        foreach (var job in jobs)
            job.Complete();

        _hold.SetResult();
        await _app.FlushAsync();
        foreach (var job in jobs)
            Assert.True((await _app.StoredAsync(job.DocumentId)).IsTerminal);
    }

    [Fact]
    public async Task Start_outbox_is_full_ends_of_jobs_do_not_pile_up()
    {
        await FillAsync();
        for (var i = 0; i < 20; i++)
            _app.Publisher.Start($"job {i}").Complete();

        // Five of plain updates, and then one end for each new job but the first five.
        Assert.Equal(20, _app.Log.Named("OutboxFull").Count);
        Assert.Contains(_app.Log.Named("OutboxFull"), message => message.Text.Contains("document 'job 3' ", StringComparison.Ordinal));
    }

    /// <summary>One document in a call that does not end, and four that wait.</summary>
    private async Task FillAsync()
    {
        await _app.Publisher.PublishAsync(new("in flight", "x", 1));
        await Eventually.TrueAsync(() => _backplane!.Offers.Count == 1, "the call that is held");
        for (var i = 1; i <= 4; i++)
            await _app.Publisher.PublishAsync(new($"d{i}", "x", i));
    }
}
