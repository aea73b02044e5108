using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// The promise "no call of a worker waits for the backplane", call by call: the publisher talks to a port where nothing listens. It says
/// nothing of throughput, and the slowest calls are the machine's (a collection, the scheduler).
/// </summary>
internal static class OutageLatency
{
    private const int Reports = 100_000;
    private const int Publishes = 1_000;
    private const int Rounds = 5;

    public static async Task<int> RunAsync()
    {
        var services = new ServiceCollection();
        // Port 1 of the loopback refuses every connection.
        services.AddLexIntelProgress(options => options.ShutdownFlush = TimeSpan.Zero).UseRedis("127.0.0.1:1,connectTimeout=500");
        await using var provider = services.BuildServiceProvider();
        var publisher = provider.GetRequiredService<IProgressPublisher>();
        var job = publisher.Start("warm-up");
        var isWithin = true;

        Console.WriteLine("call            calls   p50 µs   p99 µs  p99.9 µs   max µs");
        for (var round = 0; round <= Rounds; round++)
        {
            var reports = Measure(Reports, i => job.Report((i + 1) / (double)Reports));
            job = publisher.Start($"tracked-{round}");
            var publishes = Measure(Publishes, i => _ = publisher.PublishAsync(new($"plain-{i}", "extraction", i / 10.0, "Extracting")).AsTask());
            // The first round compiles.
            if (round > 0)
                isWithin &= Print("Report", reports) & Print("PublishAsync", publishes);
        }

        Console.WriteLine(isWithin ? "Every round: p99 at most 50 µs." : "A round had a p99 above 50 µs.");
        return isWithin ? 0 : 1;
    }

    private static double[] Measure(int calls, Action<int> call)
    {
        var micros = new double[calls];
        for (var i = 0; i < calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            call(i);
            micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(micros);
        return micros;
    }

    private static bool Print(string name, double[] micros)
    {
        Console.WriteLine($"{name,-14}{micros.Length,7}{At(micros, 0.5),9:F2}{At(micros, 0.99),9:F2}{At(micros, 0.999),10:F2}{micros[^1],9:F0}");
        return At(micros, 0.99) <= 50;
    }

    private static double At(double[] sorted, double quantile) => sorted[(int)((sorted.Length - 1) * quantile)];
}
