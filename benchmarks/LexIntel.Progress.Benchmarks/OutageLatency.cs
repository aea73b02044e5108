using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// The promise "no call of a worker waits for the backplane", call by call, while a real Redis is frozen, and then while it is gone: 1,000
/// running jobs, 10 reports and a plain update in each millisecond, for 10 seconds a round. It says nothing of throughput, and the slowest
/// calls are the machine's (a collection, the scheduler).
/// </summary>
internal static class OutageLatency
{
    private const int Jobs = 1_000;
    private const int Rounds = 3;
    private const int ReportsPerPublish = 10;
    private const double Limit = 1_000;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);
    private static readonly long Begin = Stopwatch.GetTimestamp();

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using var provider = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        var publisher = provider.GetRequiredService<IProgressPublisher>();
        var jobs = Enumerable.Range(0, Jobs).Select(i => publisher.Start($"job-{i}")).ToArray();
        await publisher.FlushAsync(Timeout.InfiniteTimeSpan);
        // Compiles.
        Measure(publisher, jobs, TimeSpan.FromSeconds(2), new(1 << 20), new(1 << 20));

        Console.WriteLine("Redis is  call            calls   p50 µs   p99 µs  p99.9 µs   max µs");
        redis.Freeze();
        var isWithin = Measure("frozen", publisher, jobs);
        await redis.StopAsync();
        isWithin &= Measure("gone", publisher, jobs);
        Console.WriteLine(isWithin ? "Every round: p99.9 at most 1 ms." : "A round had a p99.9 above 1 ms.");
        return isWithin ? 0 : 1;
    }

    private static bool Measure(string outage, IProgressPublisher publisher, ProgressJob[] jobs)
    {
        var isWithin = true;
        for (var round = 0; round < Rounds; round++)
        {
            var (reports, publishes) = (new List<double>(1 << 20), new List<double>(1 << 20));
            Measure(publisher, jobs, Length, reports, publishes);
            isWithin &= Print(outage, "Report", reports) & Print(outage, "PublishAsync", publishes);
        }

        return isWithin;
    }

    private static void Measure(IProgressPublisher publisher, ProgressJob[] jobs, TimeSpan length, List<double> reports, List<double> publishes)
    {
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; Stopwatch.GetElapsedTime(start) < length; call++)
        {
            for (var i = 0; i < ReportsPerPublish; i++)
            {
                var job = jobs[((call * ReportsPerPublish) + i) % Jobs];
                // Rises all the time, slowly: a report that does not move the bar would be too cheap.
                var fraction = Stopwatch.GetElapsedTime(Begin).TotalSeconds / 120;
                reports.Add(Time(() => job.Report(fraction)));
            }

            var update = new ProgressUpdate($"plain-{call % Jobs}", "extraction", call / 1_000 % 100, "Extracting");
            publishes.Add(Time(() => _ = publisher.PublishAsync(update).AsTask()));
            Thread.Sleep(1);
        }
    }

    private static double Time(Action call)
    {
        var start = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static bool Print(string outage, string name, List<double> micros)
    {
        micros.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outage,-10}{name,-14}{micros.Count,7}{At(micros, 0.5),9:F2}{At(micros, 0.99),9:F2}{At(micros, 0.999),10:F2}{micros[^1],9:F0}"));
        return At(micros, 0.999) <= Limit;
    }

    private static double At(List<double> sorted, double quantile) => sorted[(int)((sorted.Count - 1) * quantile)];
}
