using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>From the SIGKILL of a worker with 100 running jobs to <c>stalled</c> for each of them, with defaults and a real Redis.</summary>
internal static class Death
{
    private const int Documents = 100;
    private const int Rounds = 5;
    private const double Limit = 20;

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        var longest = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var host = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
            var hub = host.GetRequiredService<ProgressHub>();
            using var worker = Process.Start(new ProcessStartInfo("dotnet", [Environment.GetCommandLineArgs()[0], "jobs", redis.Configuration, $"{round}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            await worker.StandardOutput.ReadLineAsync();
            var watches = Enumerable.Range(0, Documents).Select(i => hub.Join($"{round}-{i}", new Mailbox(), after: null)).ToArray();
            await Task.WhenAll(watches.Select(watch => watch.Topic.Opened));
            // At any moment between two renewals.
            await Task.Delay(Random.Shared.Next(5_000));
            worker.Kill();
            var killed = Stopwatch.GetTimestamp();
            var times = await Task.WhenAll(watches.Select(async watch =>
            {
                while (watch.Topic.StalledSince is null)
                    await Task.Delay(10);
                return Stopwatch.GetElapsedTime(killed).TotalSeconds;
            }));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: stalled after {times.Min():F1} to {times.Max():F1} s"));
            longest = Math.Max(longest, times.Max());
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest {longest:F1} s (limit {Limit} s)"));
        return longest <= Limit ? 0 : 1;
    }

    /// <summary>The worker's part: jobs that run until it is killed, or whoever started it is gone.</summary>
    public static async Task WorkAsync(string redis, string round)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseRedis(redis);
        await using var provider = services.BuildServiceProvider();
        var publisher = provider.GetRequiredService<IProgressPublisher>();
        for (var i = 0; i < Documents; i++)
            publisher.Start($"{round}-{i}").StartStep("extraction");
        await publisher.FlushAsync(Timeout.InfiniteTimeSpan);
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
    }
}
