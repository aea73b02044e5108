using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>What a server does by itself, the in-process store must do as well: forget in time, and have a bound.</summary>
public sealed class InProcessBackplaneTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly InProcessBackplane _backplane;

    public InProcessBackplaneTests() => _backplane = new(Options.Create(new ProgressOptions { Retention = TimeSpan.FromMinutes(1) }), _time);

    [Fact]
    public async Task Read_after_the_retention_is_nothing()
    {
        await _backplane.OfferAsync("a", 1, 1);
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Null(await _backplane.ReadOneAsync("a"));
        Assert.Null(await _backplane.RenewOneAsync("a"));
    }

    [Fact]
    public async Task Renew_prolongs_the_life()
    {
        await _backplane.OfferAsync("a", 1, 1);
        _time.Advance(TimeSpan.FromSeconds(59));
        await _backplane.RenewOneAsync("a");
        _time.Advance(TimeSpan.FromSeconds(59));

        Assert.NotNull(await _backplane.ReadOneAsync("a"));
    }

    [Fact]
    public async Task Offer_after_the_retention_of_an_end_begins_anew()
    {
        await _backplane.OfferNextAsync("a", 1000, ProgressStatus.Completed);
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(500, 1), 1), await _backplane.OfferNextAsync("a", 500));
    }

    [Fact]
    public async Task Offer_more_documents_than_it_holds_forgets_ended_ones_first()
    {
        await OfferManyAsync("ended", 6_000, ProgressStatus.Completed);
        await OfferManyAsync("running", InProcessBackplane.Capacity, ProgressStatus.Processing);

        var ended = await _backplane.RenewAsync([.. Enumerable.Range(0, 6_000).Select(i => $"ended{i}")]);
        var running = await _backplane.RenewAsync([.. Enumerable.Range(0, InProcessBackplane.Capacity).Select(i => $"running{i}")]);
        Assert.DoesNotContain(ended, revision => revision is not null);
        Assert.InRange(running.Count(revision => revision is not null), InProcessBackplane.Capacity * 8 / 10, InProcessBackplane.Capacity);
    }

    private async Task OfferManyAsync(string name, int count, ProgressStatus status)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromMinutes(1) };
        for (var i = 0; i < count; i++)
        {
            group.Add(OfferKind.Numbered, new(1, 1), Offers.Fields($"{name}{i}", status), publishFull: true);
            if (group.Count < 1000 && i < count - 1)
                continue;
            await _backplane.OfferAsync(group, TestContext.Current.CancellationToken);
            group.Clear();
        }
    }
}
