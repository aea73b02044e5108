using System.Text;
using System.Text.Json;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>What is stored and read again, one document and many at once.</summary>
public abstract class StoreContract(SharedServers servers) : BackplaneTest(servers)
{
    private const long Attempt = 1764000000000;

    [Fact]
    public async Task Offer_stored_value_is_the_snapshot_and_begins_with_the_revision()
    {
        var backplane = App().Backplane;
        ProgressStep step = new("extraction", ProgressStatus.Processing, DateTimeOffset.UnixEpoch);

        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 17), Offers.Fields("a", percent: 45.25, message: "Größe „x“ 🎉", steps: [step]));

        var json = await backplane.ReadJsonAsync("a");
        Assert.Matches("^{\"revision\":\"\\d{13}-\\d+\",", json);
        using var document = JsonDocument.Parse(json!);
        var root = document.RootElement;
        Assert.Equal("1764000000000-17", root.GetProperty("revision").GetString());
        Assert.Equal("a", root.GetProperty("document_id").GetString());
        Assert.Equal("Größe „x“ 🎉", root.GetProperty("message").GetString());
        Assert.Equal(45.3, root.GetProperty("progress").GetDouble());
        Assert.Equal("2020-01-01T00:00:00.000Z", root.GetProperty("timestamp").GetString());
        Assert.Equal("extraction", root.GetProperty("steps")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Offer_in_short_form_publishes_without_steps_and_stores_with_them()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        ProgressStep step = new("extraction", ProgressStatus.Processing, DateTimeOffset.UnixEpoch);

        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("a", steps: [step]), publishFull: false);

        var message = await messages.NextAsync();
        Assert.DoesNotContain("\"steps\"", message, StringComparison.Ordinal);
        Assert.StartsWith($"{{\"revision\":\"{Attempt}-1\",\"status\":\"processing\",", message, StringComparison.Ordinal);
        Assert.Contains("\"steps\"", await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_in_full_form_publishes_what_is_stored()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        ProgressStep step = new("extraction", ProgressStatus.Processing, DateTimeOffset.UnixEpoch);

        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("a", steps: [step], lease: TimeSpan.FromSeconds(15)), publishFull: true);

        Assert.Equal(await backplane.ReadJsonAsync("a"), await messages.NextAsync());
    }

    [Fact]
    public async Task Read_state_that_the_reader_knows_comes_without_its_json()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 3);
        await backplane.OfferAsync("b", Attempt, 4);

        var states = await backplane.ReadAsync([.. new[] { "a", "b", "nothing" }.Select(id => new Question(id, new(Attempt, 3), NeedsLife: false))], Stopped);

        Assert.Equal([new(Attempt, 3), new(Attempt, 4), null], states.Select(state => state?.Revision));
        Assert.StartsWith($"{{\"revision\":\"{Attempt}-4\"", Encoding.UTF8.GetString(states[1]!.Value.Json.Span), StringComparison.Ordinal);
        Assert.True(!backplane.IsRemote || states[0]!.Value.Json.IsEmpty);
    }

    [Fact]
    public async Task Read_life_comes_for_those_that_are_asked_about()
    {
        var backplane = App().Backplane;
        foreach (var id in new[] { "a", "b", "c" })
            await backplane.OfferAsync(id, Attempt, 3);

        var states = await backplane.ReadAsync([new("a", NeedsLife: false), new("b"), new("nothing"), new("c", NeedsLife: false)], Stopped);

        // What costs nothing may come unasked.
        var isFree = !backplane.IsRemote;
        Assert.Equal([isFree, true, null, isFree], states.Select(state => state is { } found ? found.Beat > TimeSpan.Zero : (bool?)null));
        Assert.Equal([isFree, true, null, isFree], states.Select(state => state is { } found ? found.Life > TimeSpan.FromMinutes(1) : (bool?)null));
    }

    [Fact]
    public async Task Read_beats_are_as_far_apart_as_the_renewals()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 3);
        var first = (await backplane.ReadOneAsync("a"))!.Value;
        // What the store's own clock says of the time between the two.
        var later = await Testing.Eventually.GetAsync(async () => (await backplane.ReadOneAsync("a"))!.Value, state => state.Life < first.Life - TimeSpan.FromMilliseconds(100), "the state to become older");
        await backplane.RenewOneAsync("a");
        var second = (await backplane.ReadOneAsync("a"))!.Value;

        Assert.Equal(first.Beat, later.Beat);
        Assert.InRange(second.Beat!.Value - first.Beat!.Value, first.Life!.Value - later.Life!.Value, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Offer_group_of_100_answers_each_in_order()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("d7", Attempt, 99);
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        for (var i = 0; i < 100; i++)
            group.Add(OfferKind.Numbered, new(Attempt, i + 1), Offers.Fields($"d{i}"), publishFull: false);

        await backplane.OfferAsync(group, Stopped);

        for (var i = 0; i < 100; i++)
        {
            var expected = i == 7 ? new OfferResult(OfferOutcome.Refused, new(Attempt, 99), 1) : new(OfferOutcome.Accepted, new(Attempt, i + 1), 1);
            Assert.Equal(expected, group.Offers[i].Result);
        }

        var stored = await backplane.RenewAsync([.. Enumerable.Range(0, 100).Select(i => $"d{i}")]);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (ProgressRevision?)new ProgressRevision(Attempt, i == 7 ? 99 : i + 1)), stored);
    }

    [Fact]
    public async Task Offer_group_with_one_document_twice_takes_both_in_order()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        group.Add(OfferKind.Next, new(Attempt, 1), Offers.Fields("a", message: "one"), publishFull: false);
        group.Add(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("a", message: "two"), publishFull: false);
        group.Add(OfferKind.Next, new(Attempt, 1), Offers.Fields("a", message: "three"), publishFull: false);

        await backplane.OfferAsync(group, Stopped);

        Assert.Equal(
            [(OfferOutcome.Accepted, 1), (OfferOutcome.Refused, 1), (OfferOutcome.Accepted, 2)],
            group.Offers.ToArray().Select(offer => (offer.Result.Outcome, (int)offer.Result.Revision.Number)));
        // The client library may hand over the second before the first; readers go by the revisions.
        string[] received = [await messages.NextAsync(), await messages.NextAsync()];
        Assert.Single(received, static message => message.Contains("\"one\"", StringComparison.Ordinal));
        Assert.Single(received, static message => message.Contains("\"three\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Offer_group_used_again_holds_only_what_is_new()
    {
        var backplane = App().Backplane;
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        group.Add(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("a", message: "a long first message"), publishFull: false);
        await backplane.OfferAsync(group, Stopped);
        group.Clear();
        group.Add(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("b", message: "b"), publishFull: false);
        await backplane.OfferAsync(group, Stopped);

        Assert.Equal(1, group.Count);
        using var first = JsonDocument.Parse((await backplane.ReadJsonAsync("a"))!);
        using var second = JsonDocument.Parse((await backplane.ReadJsonAsync("b"))!);
        Assert.Equal("a long first message", first.RootElement.GetProperty("message").GetString());
        Assert.Equal("b", second.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Renew_nothing_stored_returns_null()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("known", Attempt, 3);

        Assert.Equal([null, new ProgressRevision(Attempt, 3), null], await backplane.RenewAsync(["x", "known", "y"]));
    }

    [Fact]
    public async Task Read_nothing_stored_returns_null()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("known", Attempt, 3);

        var states = await backplane.ReadAsync([new("x"), new("known"), new("y")], Stopped);

        Assert.Equal([false, true, false], states.Select(state => state is not null));
    }

    [Fact]
    public async Task Read_beat_changes_with_a_renewal_and_only_then()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 3);
        var before = (await backplane.ReadOneAsync("a"))!.Value.Beat;
        Assert.Equal(before, (await backplane.ReadOneAsync("a"))!.Value.Beat);

        // The beat has the store's resolution, which is a millisecond.
        await Testing.Eventually.GetAsync(
            async () =>
            {
                await backplane.RenewOneAsync("a");
                return (await backplane.ReadOneAsync("a"))!.Value.Beat;
            },
            beat => beat != before, "a new beat after a renewal");
    }
}

/// <summary>What only a server that others use as well can meet.</summary>
public abstract class SharedStoreContract(SharedServers servers) : StoreContract(servers)
{
    private const long Attempt = 1764000000000;

    [Fact]
    public async Task Offer_value_is_what_GET_returns()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 1);

        var value = (byte[]?)await (await ProbeAsync()).GetDatabase().StringGetAsync(Key("a"));

        Assert.Equal(await backplane.ReadJsonAsync("a"), Encoding.UTF8.GetString(value!));
    }

    [Fact]
    public async Task Offer_sets_the_time_to_live()
    {
        await App().Backplane.OfferAsync("a", Attempt, 1);

        var left = await (await ProbeAsync()).GetDatabase().KeyTimeToLiveAsync(Key("a"));

        Assert.InRange(left!.Value, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task Renew_sets_the_time_to_live_of_its_group()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 1);
        OfferGroup group = new() { Retention = TimeSpan.FromHours(48) };
        group.AddRenewal("a");

        await backplane.OfferAsync(group, Stopped);

        var left = await (await ProbeAsync()).GetDatabase().KeyTimeToLiveAsync(Key("a"));
        Assert.InRange(left!.Value, TimeSpan.FromHours(47.9), TimeSpan.FromHours(48));
    }

    [Fact]
    public async Task Offer_document_whose_key_has_another_type_is_impossible_and_the_others_are_taken()
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().HashSetAsync(Key("b"), "field", "value");
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        foreach (var id in (string[])["a", "b", "c"])
            group.Add(OfferKind.Numbered, new(Attempt, 1), Offers.Fields(id), publishFull: false);

        await backplane.OfferAsync(group, Stopped);

        Assert.Equal([OfferOutcome.Accepted, OfferOutcome.Impossible, OfferOutcome.Accepted], group.Offers.ToArray().Select(offer => offer.Result.Outcome));
        Assert.Contains("WRONGTYPE", group.Offers[1].Result.Error, StringComparison.Ordinal);
        Assert.NotNull(await backplane.ReadJsonAsync("c"));
    }

    [Fact]
    public async Task Read_document_whose_key_has_another_type_is_nothing_and_the_others_are_read()
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().HashSetAsync(Key("b"), "field", "value");
        await backplane.OfferAsync("a", Attempt, 1);

        var states = await backplane.ReadAsync([new("a"), new("b")], Stopped);

        Assert.Equal([true, false], states.Select(state => state is not null));
    }

    [Fact]
    public async Task Read_batch_whose_key_has_another_type_is_nothing_and_the_others_are_read()
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().StringSetAsync($"{Prefix}batch:b:progress", "junk");
        await backplane.OfferAsync("a", Attempt, 1);

        var states = await backplane.ReadAsync([new(Subject.Batch("b")), new("a")], Stopped);

        Assert.Equal([false, true], states.Select(state => state is not null));
    }

    [Fact]
    public async Task Renew_document_whose_key_has_another_type_is_nothing_and_the_others_are_renewed()
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().HashSetAsync(Key("b"), "field", "value");
        await backplane.OfferAsync("a", Attempt, 1);

        Assert.Equal([new ProgressRevision(Attempt, 1), null], await backplane.RenewAsync(["a", "b"]));
    }

    [Fact]
    public async Task Offer_over_a_foreign_value_replaces_it()
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().StringSetAsync(Key("a"), "somebody's text");

        var result = await backplane.OfferAsync("a", Attempt, 1);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 1), 1), result);
        Assert.NotNull(await backplane.ReadOneAsync("a"));
    }

    [Theory]
    [InlineData("somebody's text")]
    [InlineData("{\"revision\":\"junk\",\"status\":\"completed\"}")]
    [InlineData("{\"progress\":10}")]
    [InlineData("")]
    public async Task Read_foreign_value_is_nothing(string value)
    {
        var backplane = App().Backplane;
        await (await ProbeAsync()).GetDatabase().StringSetAsync(Key("a"), value);

        Assert.Null(await backplane.ReadOneAsync("a"));
        Assert.Null(await backplane.RenewOneAsync("a"));
    }

    [Fact]
    public async Task Offer_after_the_script_was_forgotten_is_taken()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 1);
        await (await ProbeAsync()).GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(OfferOutcome.Accepted, (await backplane.OfferAsync("a", Attempt, 2)).Outcome);
    }
}

public sealed class InProcessStoreTests(SharedServers servers) : StoreContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetStoreTests(SharedServers servers) : SharedStoreContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisStoreTests(SharedServers servers) : SharedStoreContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterStoreTests(SharedServers servers) : SharedStoreContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterStoreTests(SharedServers servers) : SharedStoreContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}
