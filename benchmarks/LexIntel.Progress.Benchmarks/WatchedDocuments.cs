using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>What a watched document costs a host besides the stream it is for: one reader watches 10,000 documents in Redis; the heap before and after.</summary>
internal static class WatchedDocuments
{
    private const int Documents = 10_000;
    private const double Limit = 1.5 * 1024;

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using (var worker = new ServiceCollection().AddProgress(redis).BuildServiceProvider())
        {
            var publisher = worker.GetRequiredService<IProgressPublisher>();
            for (var i = 0; i <= Documents; i++)
                await publisher.PublishAsync(new($"{i:x8}-7f2c-4b8e-9a3d-1c5e8f0b2d4a", "extraction", 10, "Extracting page 12 of 300"));
            await publisher.FlushAsync(Timeout.InfiniteTimeSpan);
        }

        await using var host = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        var subscriber = host.GetRequiredService<IProgressSubscriber>();
        using var stop = new CancellationTokenSource();
        var first = await ReadAsync(subscriber, Documents, 1, stop.Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var all = await ReadAsync(subscriber, 0, Documents, stop.Token);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Documents;
        Console.WriteLine($"{each:F0} bytes on the heap for each watched document, its newest state included (limit {Limit:F0})");
        await stop.CancelAsync();
        await Task.WhenAll(first, all);
        return each <= Limit ? 0 : 1;
    }

    /// <summary>Reads on, and returns when each document was seen.</summary>
    private static async Task<Task> ReadAsync(IProgressSubscriber subscriber, int from, int count, CancellationToken stop)
    {
        var seen = new TaskCompletionSource();
        var reading = Task.Run(async () =>
        {
            var left = count;
            try
            {
                string[] ids = [.. Enumerable.Range(from, count).Select(static i => $"{i:x8}-7f2c-4b8e-9a3d-1c5e8f0b2d4a")];
                await foreach (var _ in subscriber.SubscribeAsync(ids, stop))
                {
                    if (--left == 0)
                        seen.SetResult();
                }
            }
            catch (OperationCanceledException)
            {
                // Measured.
            }
        }, CancellationToken.None);
        await seen.Task;
        return reading;
    }
}
