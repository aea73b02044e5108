using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Death;

/// <summary>A worker that ends in the middle of 100 documents leaves none of them silently at 45 %.</summary>
public sealed class WorkerDeathTests
{
    private const int Documents = 100;

    [Fact]
    public async Task Terminated_worker_leaves_every_document_ended_or_retrying()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var services = Reader(redis);
        var subscriber = services.GetRequiredService<IProgressSubscriber>();
        await using var worker = new WorkerProcess(redis, Documents);
        await AllAsync(subscriber, snapshot => snapshot is { Percent: >= 45 }, "all documents at 45 % or done");

        await worker.TerminateAsync();

        var ends = (await ReadAsync(subscriber)).CountBy(snapshot => snapshot!.Status).OrderBy(pair => pair.Key).ToList();
        Assert.Equal([new(ProgressStatus.Retrying, 67), new(ProgressStatus.Completed, 33)], ends);
    }

    [Fact]
    public async Task Killed_worker_leaves_every_running_document_stalled()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var services = Reader(redis);
        var subscriber = services.GetRequiredService<IProgressSubscriber>();
        await using var worker = new WorkerProcess(redis, Documents, ("LexIntel__Progress__Lease", "00:00:03"));
        await AllAsync(subscriber, snapshot => snapshot is { Percent: >= 45, StalledSince: null }, "all documents at 45 % or done");

        await worker.KillAsync();

        await AllAsync(subscriber, snapshot => snapshot is { IsTerminal: true } or { Status: ProgressStatus.Processing, StalledSince: not null }, "all running documents stalled");
    }

    private static ServiceProvider Reader(RedisServer redis)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseRedis(redis.Configuration);
        return services.BuildServiceProvider();
    }

    private static Task<ProgressSnapshot?[]> AllAsync(IProgressSubscriber subscriber, Func<ProgressSnapshot?, bool> isIt, string expected) =>
        Eventually.GetAsync(() => ReadAsync(subscriber), snapshots => snapshots.All(isIt), expected);

    private static async Task<ProgressSnapshot?[]> ReadAsync(IProgressSubscriber subscriber) =>
        await Task.WhenAll(Enumerable.Range(0, Documents).Select(i => subscriber.GetSnapshotAsync($"doc-{i}").AsTask()));
}
