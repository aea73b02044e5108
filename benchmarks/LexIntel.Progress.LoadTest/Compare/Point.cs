using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>One contestant with one number of clients, each watching its own document, one update a second.</summary>
internal sealed record Point
{
    public required string Contestant { get; init; }

    public required int Clients { get; init; }

    /// <summary>Why it counts as broken; <see langword="null"/> when it works.</summary>
    public string? Broken { get; init; }

    public double P50 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public double BytesPerUpdate { get; init; }

    /// <summary>Resident memory of the server per client, in KiB.</summary>
    public double Memory { get; init; }

    /// <summary>Processor time of the server per client and second, in microseconds.</summary>
    public double Cpu { get; init; }

    /// <summary>The part of all updates that clients never saw because a newer one came first.</summary>
    public double Skipped { get; init; }

    /// <summary>Cores in use by the server, the store, the clients and the workers.</summary>
    public double Cores { get; init; }

    public static Point Of(Contestant contestant, Scenario scenario, Trial trial) => new()
    {
        Contestant = contestant.Name,
        Clients = scenario.Streams,
        Broken = Breakage.Find(contestant, scenario, trial),
        P50 = Finite(trial.Seen.Latency.Quantile(0.5)),
        P95 = Finite(trial.Seen.Latency.Quantile(0.95)),
        P99 = Finite(trial.Seen.Latency.Quantile(0.99)),
        BytesPerUpdate = Finite(trial.BytesPerState),
        Memory = Finite(trial.MemoryPerStream),
        Cpu = trial.ServerCpu * 1e6 / trial.Seconds / scenario.Streams,
        Skipped = Finite(trial.SkippedPart),
        Cores = trial.Cpu.Values.Sum() / trial.Seconds,
    };

    /// <summary>JSON has no NaN.</summary>
    private static double Finite(double value) => double.IsFinite(value) ? value : -1;
}
