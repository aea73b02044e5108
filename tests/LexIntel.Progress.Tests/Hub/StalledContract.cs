using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>Death of a worker is visible, and a living one is never called stalled.</summary>
public abstract class StalledContract(SharedServers servers) : BackplaneTest(servers)
{
    protected static TimeSpan Lease { get; } = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task GetSnapshotAsync_worker_with_another_retention_is_not_stalled_at_the_first_look()
    {
        var worker = App(options => options.Retention = TimeSpan.FromHours(1));
        var api = App(options => options.Retention = TimeSpan.FromHours(24));
        await using var job = worker.Publisher.Start("a");
        await worker.FlushAsync();

        Assert.Null((await api.Subscriber.GetSnapshotAsync("a", Stopped))!.StalledSince);
    }

    [Fact]
    public async Task GetSnapshotAsync_worker_gave_no_sign_for_a_lease_is_stalled_at_the_first_look()
    {
        var api = App(options => options.Retention = TimeSpan.FromHours(24));
        // A state that was renewed an hour ago, as far as the store's clock knows.
        await App().Backplane.OfferAsync(Progress.Backplane.OfferKind.Numbered, new(1764000000000, 1), Offers.Fields("a", steps: [], lease: Lease, retention: TimeSpan.FromHours(25)));
        await App(options => options.Retention = TimeSpan.FromHours(24)).Backplane.RenewOneAsync("a");

        var stalled = (await api.Subscriber.GetSnapshotAsync("a", Stopped))!.StalledSince;

        Assert.InRange(DateTimeOffset.UtcNow - stalled!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task Reader_worker_that_goes_on_without_reporting_is_never_stalled()
    {
        var worker = App(options => options.Lease = Lease);
        var api = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(100));
        await using var job = worker.Publisher.Start("a");
        await using var history = new History(api.Subscriber, "a");
        await history.NextAsync();
        var beats = new HashSet<TimeSpan>();

        // Renewed three times: longer than a lease.
        await Eventually.GetAsync(
            async () =>
            {
                Assert.Null((await api.Hub.ReadAsync("a")).StalledSince);
                beats.Add((await api.Backplane.ReadOneAsync("a"))!.Value.Beat!.Value);
                return beats.Count;
            },
            count => count > 4, "four renewals");
    }
}

public sealed class GarnetStalledTests(SharedServers servers) : StalledContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisStalledTests(SharedServers servers) : StalledContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;

    [Fact]
    public async Task Reader_state_that_only_a_later_look_finds_is_as_old_as_the_store_says()
    {
        var api = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(100));
        using var watch = api.Hub.Join("a", new Progress.Hub.Mailbox(), after: null);
        await api.Hub.WaitUntilOpenAsync("a");
        var group = new Progress.Backplane.OfferGroup { Retention = TimeSpan.FromHours(25) };
        group.Add(Progress.Backplane.OfferKind.Numbered, new(1764000000000, 1), Offers.Fields("a", steps: [], lease: Lease, retention: TimeSpan.FromHours(25)), publishFull: true);

        // Renewed an hour ago, as far as the store's clock knows, and no message came.
        await (await ProbeAsync()).GetDatabase().StringSetAsync(Key("a"), group.Full(group.Offers[0]), TimeSpan.FromHours(24));

        await Eventually.TrueAsync(() => watch.Topic.StalledSince is not null, "the document to be stalled");
        Assert.InRange(DateTimeOffset.UtcNow - watch.Topic.StalledSince!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }
}
