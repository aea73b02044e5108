using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// Redis is killed under 10,000 running jobs, each with a reader, and comes back empty after ten seconds, in which every job reported: from
/// its first answer to the newest state in every reader, with defaults. Worker and host share the machine and this process.
/// </summary>
internal static class RedisReturn
{
    private const int Documents = 10_000;
    private const int Rounds = 5;
    private const double Limit = 3;

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using var worker = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        await using var host = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        var publisher = worker.GetRequiredService<IProgressPublisher>();
        var subscriber = host.GetRequiredService<IProgressSubscriber>();
        using var stop = new CancellationTokenSource();
        var jobs = Enumerable.Range(0, Documents).Select(i => publisher.Start($"d{i}")).ToArray();
        var step = "round 0";
        var missing = new CountdownEvent(Documents);
        var readers = Enumerable.Range(0, Documents).Select(i => Task.Run(() => ReadAsync(i))).ToArray();
        foreach (var job in jobs)
            job.StartStep(step);
        missing.Wait();

        var longest = 0.0;
        for (var round = 1; round <= Rounds; round++)
        {
            await redis.StopAsync();
            (step, missing) = ($"round {round}", new(Documents));
            foreach (var job in jobs)
                job.StartStep(step);
            await Task.Delay(TimeSpan.FromSeconds(10));
            await redis.StartAsync();
            var returned = Stopwatch.GetTimestamp();
            missing.Wait();
            var seconds = Stopwatch.GetElapsedTime(returned).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {Documents} readers have the newest state {seconds:F2} s after Redis' first answer"));
            longest = Math.Max(longest, seconds);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest {longest:F2} s (limit {Limit} s)"));
        return longest <= Limit ? 0 : 1;

        async Task ReadAsync(int document)
        {
            try
            {
                var seen = "";
                await foreach (var state in subscriber.SubscribeAsync($"d{document}", cancellationToken: stop.Token))
                {
                    if (state.Step == Volatile.Read(ref step) && seen != state.Step)
                    {
                        seen = state.Step;
                        Volatile.Read(ref missing).Signal();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // All rounds are over.
            }
        }
    }
}
