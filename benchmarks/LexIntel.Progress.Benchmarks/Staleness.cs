using System.Diagnostics;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// How old what a reader sees can get when pub/sub delivers nothing and nobody notices: 1,000 documents, defaults, a real Redis; each
/// document changes about every eight seconds for a minute. From the moment a state is stored to the moment its reader has it.
/// </summary>
internal static class Staleness
{
    private const int Documents = 1_000;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5.2);

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using var worker = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        var services = new ServiceCollection().AddProgress(redis);
        services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider => new SilentChannels(ActivatorUtilities.CreateInstance<RedisBackplane>(provider))));
        await using var host = services.BuildServiceProvider();
        var subscriber = host.GetRequiredService<IProgressSubscriber>();
        var publisher = worker.GetRequiredService<IProgressPublisher>();
        var storedAt = new long[Documents][];
        var ages = new List<double>();
        using var stop = new CancellationTokenSource();

        var readers = Enumerable.Range(0, Documents).Select(i => ReadAsync(subscriber, i, storedAt, ages, stop.Token)).ToArray();
        var random = new Random(1);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Length)
        {
            // One of all documents at a time, so that a flush tells when it was stored.
            var i = random.Next(Documents);
            var times = storedAt[i] ?? [];
            storedAt[i] = [.. times, Stopwatch.GetTimestamp()];
            await publisher.PublishAsync(new($"d{i}", "step", 0, $"{times.Length}"));
            await publisher.FlushAsync(Timeout.InfiniteTimeSpan);
            await Task.Delay(7);
        }

        await Task.Delay(TimeSpan.FromSeconds(7));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        ages.Sort();
        Console.WriteLine($"{ages.Count} states seen; age when seen: median {ages[ages.Count / 2]:F2} s, longest {ages[^1]:F2} s (limit {Limit.TotalSeconds:F1} s)");
        return ages[^1] <= Limit.TotalSeconds ? 0 : 1;
    }

    private static async Task ReadAsync(IProgressSubscriber subscriber, int document, long[][] storedAt, List<double> ages, CancellationToken stop)
    {
        try
        {
            var known = 0;
            await foreach (var state in subscriber.SubscribeAsync($"d{document}", cancellationToken: stop))
            {
                var now = Stopwatch.GetTimestamp();
                var newest = int.Parse(state.Message, System.Globalization.CultureInfo.InvariantCulture);
                // The oldest that it makes up for has been missing for the longest time.
                var oldest = storedAt[document][known];
                known = newest + 1;
                lock (ages)
                    ages.Add(Stopwatch.GetElapsedTime(oldest, now).TotalSeconds);
            }
        }
        catch (OperationCanceledException)
        {
            // The minute is over.
        }
    }
}
