using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>What arrives where, and in which order.</summary>
public abstract class SubscribeContract(SharedServers servers) : BackplaneTest(servers)
{
    private const long Attempt = 1764000000000;

    /// <summary>Ids that are patterns, paths, hash tags or separators elsewhere. Here they are text.</summary>
    public static TheoryData<string> LiteralIds => new(
        "with spaces", "a:b", "a/b", "*", "h?llo", "[ab]", "{}", "}{", "{tag}x", "🎉📄", "%2F", "a\"b\\c", "'quoted'", "…", new string('x', 256), new string('ü', 128));

    [Fact]
    public async Task Subscribe_thousands_of_states_all_arrive()
    {
        const int Count = 3000;
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        for (var i = 1; i <= Count; i++)
        {
            group.Add(OfferKind.Numbered, new(Attempt, i), Offers.Fields("a"), publishFull: false);
            if (i % backplane.GroupSize != 0)
                continue;
            await backplane.OfferAsync(group, Stopped);
            group.Clear();
        }

        HashSet<string> revisions = [];
        while (revisions.Count < Count)
            revisions.Add((await messages.NextAsync()).Split('"')[3]);
        Assert.Contains($"{Attempt}-{Count}", revisions);
    }

    [Fact]
    public async Task Subscribe_two_subscribers_both_get_the_message()
    {
        var (one, two) = (App().Backplane, App().Backplane);
        await using var first = await MessagesAsync(one, "a");
        await using var second = await MessagesAsync(two, "a");

        await one.OfferAsync("a", Attempt, 1);

        Assert.Equal(await first.NextAsync(), await second.NextAsync());
    }

    [Fact]
    public async Task Dispose_of_a_subscription_ends_its_messages_and_no_others()
    {
        var backplane = App().Backplane;
        var gone = await MessagesAsync(backplane, "a");
        await using var stays = await MessagesAsync(backplane, "a");
        await gone.DisposeAsync();

        await backplane.OfferAsync("a", Attempt, 1);
        await stays.NextAsync();

        Assert.True(gone.IsEmpty);
    }

    [Fact]
    public async Task Subscribe_again_after_dispose_gets_messages()
    {
        var backplane = App().Backplane;
        await (await MessagesAsync(backplane, "a")).DisposeAsync();
        await using var again = await MessagesAsync(backplane, "a");

        await backplane.OfferAsync("a", Attempt, 1);

        Assert.StartsWith($"{{\"revision\":\"{Attempt}-1\",", await again.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(LiteralIds))]
    public async Task Offer_id_with_special_characters_is_stored_and_delivered_as_it_is(string id)
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, id);

        await backplane.OfferAsync(id, Attempt, 1);

        Assert.StartsWith($"{{\"revision\":\"{Attempt}-1\",", await messages.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(new ProgressRevision(Attempt, 1), await backplane.RenewOneAsync(id));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("?")]
    [InlineData("[a-z]")]
    [InlineData("a*")]
    public async Task Subscribe_id_that_looks_like_a_pattern_gets_nothing_of_others(string id)
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, id);

        await backplane.OfferAsync("a", Attempt, 1);
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 2), Offers.Fields(id, message: "mine"));

        Assert.Contains("\"mine\"", await messages.NextAsync(), StringComparison.Ordinal);
        Assert.True(messages.IsEmpty);
    }

    [Fact]
    public async Task Subscribe_ids_that_differ_in_case_or_form_are_different()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("Ä", Attempt, 1);

        Assert.Equal([null, null, null], await backplane.RenewAsync(["ä", "A\u0308", "Ä "]));
    }
}

/// <summary>What only a server that others use as well can meet.</summary>
public abstract class SharedSubscribeContract(SharedServers servers) : SubscribeContract(servers)
{
    [Fact]
    public async Task Subscribe_message_of_another_program_arrives_byte_for_byte()
    {
        await using var messages = await MessagesAsync(App().Backplane, "a");

        await SendForeignAsync("a", "not even JSON \0 ü");

        Assert.Equal("not even JSON \0 ü", await messages.NextAsync());
    }

    [Fact]
    public async Task Subscribe_plain_messages_from_the_first_moment_on_come_once_each()
    {
        var backplane = App().Backplane;
        await SendForeignAsync("connects", "");
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 30, CancellationToken = Stopped }, async (document, _) =>
        {
            await using var messages = await MessagesAsync(backplane, $"d{document}");
            var sending = new List<Task>();
            for (var i = 0; i < 20; i++)
            {
                sending.Add(SendForeignAsync($"d{document}", $"message {i}"));
                if (i == 2)
                    messages.KeepOrder();
            }

            await Task.WhenAll(sending);
            List<string> received = [];
            while (received is not [.., "message 19"])
                received.Add(await messages.NextAsync());

            Assert.Equal(received.Distinct(), received);
        });
    }

    [Fact]
    public async Task Subscribe_other_prefix_gets_nothing()
    {
        var theirs = App(options => options.Prefix = "other-" + Prefix).Backplane;
        var ours = App().Backplane;
        await using var messages = await MessagesAsync(ours, "a");

        await theirs.OfferAsync("a", 1764000000000, 1);
        await ours.OfferAsync("a", 1764000000000, 2);

        Assert.StartsWith("{\"revision\":\"1764000000000-2\",", await messages.NextAsync(), StringComparison.Ordinal);
    }
}

public sealed class InProcessSubscribeTests(SharedServers servers) : SubscribeContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetSubscribeTests(SharedServers servers) : SharedSubscribeContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisSubscribeTests(SharedServers servers) : SharedSubscribeContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterSubscribeTests(SharedServers servers) : SharedSubscribeContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterSubscribeTests(SharedServers servers) : SubscribeContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}
