namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary><c>run SCENARIO</c>: repetitions that alternate between the contestants, so that a drift of the machine touches all of them alike.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(Scenario scenario, IReadOnlyList<Contestant> contestants, int repetitions, CancellationToken cancellationToken)
    {
        if (scenario.Kind == ScenarioKind.Storm && contestants.FirstOrDefault(static contestant => !contestant.KeepsStates) is { } forgetful)
            throw new ArgumentException($"'{forgetful.Name}' keeps no states: its clients would wait for ever for the one they had. Leave it out: --servers lexintel,lexintel-ws,nchan.");
        Console.WriteLine($"{scenario.Name}: {scenario.What}. {scenario.Streams:N0} streams, {scenario.DocumentCount:N0} documents, {scenario.Rate:N0} updates/s; {repetitions} alternating repetitions.");
        Console.WriteLine(Machine.Describe());
        var trials = contestants.ToDictionary(static contestant => contestant.Name, static _ => new List<Trial>());
        for (var repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (var contestant in contestants)
            {
                var trial = await Bench.RunAsync(contestant, scenario, cancellationToken);
                trials[contestant.Name].Add(trial);
                Console.Error.WriteLine($"{repetition}/{repetitions} {contestant.Name}: {Latency(trial)}{trial.MemoryPerStream:0.0} KiB per stream{Broken(trial)}");
            }
        }

        Console.WriteLine(Table.Print(scenario.Kind == ScenarioKind.Flow ? Figure.Flow : Figure.Idle, trials));
        return 0;
    }

    private static string Latency(Trial trial) => trial.Seen.States == 0 ? "" : $"P50 {trial.Seen.Latency.Quantile(0.5):0.00} ms, P99 {trial.Seen.Latency.Quantile(0.99):0.0} ms, ";

    private static string Broken(Trial trial) => string.Concat(trial.Seen.Failures.Select(static pair => $"; {pair.Value:N0} × {pair.Key}"));
}
