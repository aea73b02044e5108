using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// What a watched document costs a host besides the stream it is for: one reader watches documents in Redis as a stream does, with names that it
/// has anyway. What 40,000 more add to the heap when the first state of each is written, when a live update of each is, and when the reader has left and
/// the host lingers: then it is the subscription and the newest state, without the reader's interest.
/// </summary>
internal static class WatchedDocuments
{
    private const int Others = 10_000;
    private const int Documents = 40_000;
    private const double Limit = 1.5 * 1024;

    private static readonly string[] Ids = [.. Enumerable.Range(0, Others + Documents).Select(static i => $"{i:x8}-7f2c-4b8e-9a3d-1c5e8f0b2d4a")];

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using var worker = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        var publisher = worker.GetRequiredService<IProgressPublisher>();
        await PublishAsync(10);

        await using var host = new ServiceCollection().AddProgress(redis).Configure<ProgressOptions>(static options => options.Linger = TimeSpan.FromMinutes(10)).BuildServiceProvider();
        var hub = host.GetRequiredService<ProgressHub>();
        var mailbox = new Mailbox();
        // The buffers that all share have grown with these.
        await WatchAsync(Ids[Documents..]);
        await PublishAsync(11);
        await TakeAsync(Others);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watches = await WatchAsync(Ids[..Documents]);
        var first = Each();
        await PublishAsync(12);
        await TakeAsync(Ids.Length);
        var live = Each();
        foreach (var watch in watches)
            watch.Dispose();
        watches = [];
        var left = Each();
        Console.WriteLine($"{first:F0} bytes on the heap for each watched document after its first state, {live:F0} after a live update, {left:F0} (limit {Limit:F0}) of which are not the reader's; its newest state included");
        return left <= Limit ? 0 : 1;

        double Each() => (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Documents;

        async Task PublishAsync(double percent)
        {
            foreach (var id in Ids)
                await publisher.PublishAsync(new(id, "extraction", percent, "Extracting page 12 of 300"));
            await publisher.FlushAsync(Timeout.InfiniteTimeSpan);
        }

        async Task<Watch[]> WatchAsync(string[] ids)
        {
            var watches = Array.ConvertAll(ids, id => hub.Join(id, mailbox, null));
            await TakeAsync(ids.Length);
            return watches;
        }

        async Task TakeAsync(int states)
        {
            while (states > 0)
            {
                if (!mailbox.TryTake(out var delivery))
                {
                    await mailbox.WaitAsync();
                    continue;
                }

                // What a stream writes is kept for the other readers of the document.
                _ = delivery.State?.Json(delivery.Full);
                states -= delivery.State is null ? 0 : 1;
                delivery.Release();
            }
        }
    }
}
