using System.Text;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>What pub/sub loses still arrives, because a quiet document is read again; with that switched off, it does not.</summary>
public abstract class HealingContract(SharedServers servers) : BackplaneTest(servers)
{
    [Fact]
    public async Task Reader_end_lost_by_pubsub_arrives_by_reading_again()
    {
        var (worker, api) = (App(), App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200)));
        await using var history = await WatchAsync(worker, api);

        await StoreEndWithoutPublishingAsync(worker);

        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);
    }

    [Fact]
    public async Task Reader_end_lost_by_pubsub_does_not_arrive_without_reading_again()
    {
        var (worker, api) = (App(), App(options => options.QuietInterval = TimeSpan.FromMinutes(5)));
        await using var history = await WatchAsync(worker, api);

        await StoreEndWithoutPublishingAsync(worker);

        // What is sent after it on the same connection has arrived, and the end has not.
        await SendForeignAsync("a", """{"message":"a sign","timestamp":"2099-01-01T00:00:00"}""");
        await history.UntilAsync(state => state.Message == "a sign", "what was sent after the end");
        Assert.DoesNotContain(history.States, state => state.IsTerminal);
    }

    [Fact]
    public async Task Reader_of_many_documents_whose_ends_were_lost_gets_for_each_its_own()
    {
        var (worker, api) = (App(), App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200)));
        // More than are read in one call.
        string[] ids = [.. Enumerable.Range(0, 2 * worker.Backplane.ReadSize + 50).Select(static i => $"d{i}")];
        foreach (var id in ids)
            await worker.Publisher.PublishAsync(new(id, "x", 10), Stopped);
        await worker.FlushAsync();
        var ends = ReadEndsAsync(api.Subscriber, ids);
        foreach (var id in ids)
            await api.Hub.WaitUntilOpenAsync(id);

        foreach (var id in ids)
        {
            var json = (await worker.Backplane.ReadJsonAsync(id))!;
            await SetAsync(id, json.Replace("-1\",", "-2\",", StringComparison.Ordinal)
                .Replace("\"processing\"", "\"completed\"", StringComparison.Ordinal).Replace("\"message\":\"\"", $"\"message\":\"the end of {id}\"", StringComparison.Ordinal));
        }

        Assert.Equal(ids.ToDictionary(static id => id, static id => $"the end of {id}"), await ends.WithinAsync("all ends"));
    }

    [Fact]
    public async Task Reader_loss_of_the_channel_is_logged_and_subscribed_again()
    {
        var (worker, api) = (App(), App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200)));
        await using var history = await WatchAsync(worker, api);
        var silent = await SilentAsync(worker, 60);

        await history.UntilAsync(state => state.Revision == silent, "the state that was not published");
        await api.Log.WaitForAsync("MessageMissed");
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        Assert.True((await history.EndAsync())[^1].IsTerminal);
    }

    private static async Task<Dictionary<string, string>> ReadEndsAsync(IProgressSubscriber subscriber, string[] ids)
    {
        Dictionary<string, string> ends = [];
        await foreach (var state in subscriber.SubscribeAsync(ids, Stopped))
        {
            if (state.IsTerminal)
                ends.Add(state.DocumentId, state.Message);
        }

        return ends;
    }

    private static async Task<History> WatchAsync(ProgressApp worker, ProgressApp api)
    {
        var history = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 10), Stopped);
        await worker.FlushAsync();
        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await api.Hub.WaitUntilOpenAsync("a");
        return history;
    }

    private async Task StoreEndWithoutPublishingAsync(ProgressApp worker)
    {
        var json = (await worker.Backplane.ReadJsonAsync("a"))!;
        await SetAsync(json.Replace("-1\",", "-2\",", StringComparison.Ordinal).Replace("\"processing\"", "\"completed\"", StringComparison.Ordinal));
    }

    private async Task<ProgressRevision> SilentAsync(ProgressApp worker, int percent)
    {
        var json = (await worker.Backplane.ReadJsonAsync("a"))!;
        json = json.Replace("-1\",", "-2\",", StringComparison.Ordinal).Replace("\"progress\":10", $"\"progress\":{percent}", StringComparison.Ordinal);
        await SetAsync(json);
        return Progress.Redis.RedisAnswer.RevisionOf(Encoding.UTF8.GetBytes(json))!.Value;
    }

    private Task SetAsync(string json) => SetAsync("a", json);

    private async Task SetAsync(string documentId, string json) => await (await ProbeAsync()).GetDatabase().StringSetAsync(Key(documentId), json, TimeSpan.FromHours(1));
}

public sealed class GarnetHealingTests(SharedServers servers) : HealingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisHealingTests(SharedServers servers) : HealingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterHealingTests(SharedServers servers) : HealingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterHealingTests(SharedServers servers) : HealingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}
