using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Gate;

/// <summary><c>gate</c>: the scenarios A, B and C at a size that takes under three minutes, against budgets that a noisy machine does not break.</summary>
internal static class GateCommand
{
    private const int Repetitions = 3;

    private static readonly Budget Complete = new(new("not seen %", "0", static trial => trial.SkippedPart * 100), 1, IsRatio: false);
    private static readonly Budget Together = new(new("states without a segment %", "0", static trial => (1 - trial.SegmentsPerState) * 100), 2, IsRatio: false);
    private static readonly Budget Unbroken = new(new("broken streams", "0", static trial => trial.Seen.Failures.Values.Sum()), 0, IsRatio: false);
    private static readonly Budget Forwards = new(new("states that went backwards", "0", static trial => trial.Seen.Backwards), 0, IsRatio: false);

    private static readonly (Scenario Scenario, int Repetitions, Budget[] Budgets)[] Parts =
    [
        // The first collections after the streams were opened are over then: one of them alone is a hundredth of the time that is measured.
        (Small("A", 2_000, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(4)), Repetitions,
            [Latency(0.5, 3), Latency(0.99, 10), Cpu(2), Allocated(600), Complete, Together, Unbroken, Forwards]),
        (Small("B", 2_000, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)), Repetitions,
            [Latency(0.5, 2), Latency(0.99, 2.5), Cpu(2), Allocated(16), Complete, Together, Unbroken, Forwards]),
        (Small("C", 8_000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), 1, [Memory(2), Unbroken]),
    ];

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine(Machine.Describe());
        List<string[]> rows = [["scenario", "figure, best of the repetitions", "product", "floor", "value", "budget", ""]];
        var areKept = true;
        foreach (var (scenario, repetitions, budgets) in Parts)
        {
            var (product, floor) = (new List<Trial>(), new List<Trial>());
            for (var repetition = 0; repetition < repetitions; repetition++)
            {
                product.Add(await Bench.RunAsync(Contestant.Find("lexintel"), scenario, cancellationToken));
                floor.Add(await Bench.RunAsync(Contestant.Find("floor"), scenario, cancellationToken));
            }

            foreach (var budget in budgets)
            {
                var (row, isKept) = budget.Check(scenario.Name, product, floor);
                rows.Add(row);
                areKept &= isKept;
            }
        }

        Console.WriteLine(Table.Print(rows));
        Console.WriteLine(areKept ? "Every budget is kept." : "A budget is broken.");
        return areKept ? 0 : 1;
    }

    private static Scenario Small(string name, int streams, TimeSpan warmUp, TimeSpan measure) =>
        Scenario.Find(name).WithStreams(streams) with { WarmUp = warmUp, Measure = measure };

    private static Budget Latency(double part, double most) => new(new($"P{part * 100:0} ms", "0.00", trial => trial.Seen.Latency.Quantile(part)), most, IsRatio: true);

    private static Budget Cpu(double most) => new(new("server µs/state", "0.0", static trial => trial.CpuPerState), most, IsRatio: true);

    private static Budget Allocated(double most) => new(new("allocated/state, bytes", "0", static trial => trial.AllocatedPerState), most, IsRatio: false);

    private static Budget Memory(double most) => new(new("KiB/stream", "0.0", static trial => trial.MemoryPerStream), most, IsRatio: true);
}
