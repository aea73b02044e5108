using System.Globalization;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest;

/// <summary>What the command line says.</summary>
internal sealed record LoadTestOptions
{
    public const string Usage = """
        usage: LexIntel.Progress.LoadTest run SCENARIO [--servers a,b] [--repetitions N] [--streams N] [--rate R] [--documents N] [--seconds S] [--warm-up S]
               LexIntel.Progress.LoadTest gate
          run   a scenario (A, A40, B, B30, C, idle, storm, hold), in alternating repetitions, and prints medians and spread
          gate  A, B and C, small, against budgets; the exit code says whether they are kept
        Everything runs on this machine's loopback; Redis is started on a free port and ended afterwards.
        """;

    public required string Command { get; init; }

    public Scenario? Scenario { get; init; }

    public IReadOnlyList<Contestant> Contestants { get; init; } = [Contestant.Find("lexintel"), Contestant.Find("floor")];

    public int Repetitions { get; init; } = 5;

    /// <exception cref="ArgumentException">The command line cannot be understood.</exception>
    public static LoadTestOptions Parse(string[] arguments)
    {
        if (arguments is ["gate"])
            return new LoadTestOptions { Command = "gate" };
        if (arguments is not ["run", var name, .. var rest])
            throw new ArgumentException(Usage);
        var options = new LoadTestOptions { Command = "run", Scenario = Scenario.Find(name) };
        if (rest.Length % 2 != 0)
            throw new ArgumentException(Usage);
        foreach (var pair in rest.Chunk(2))
            options = options.With(pair[0], pair[1]);
        return options;
    }

    private LoadTestOptions With(string name, string value) => name switch
    {
        "--servers" => this with { Contestants = [.. value.Split(',').Select(Contestant.Find)] },
        "--repetitions" => this with { Repetitions = Number(value) },
        "--streams" => this with { Scenario = Scenario!.WithStreams(Number(value)) },
        "--documents" => this with { Scenario = Scenario! with { Documents = Number(value) } },
        "--rate" => this with { Scenario = Scenario! with { Rate = double.Parse(value, CultureInfo.InvariantCulture) } },
        "--seconds" => this with { Scenario = Scenario! with { Measure = TimeSpan.FromSeconds(Number(value)) } },
        "--warm-up" => this with { Scenario = Scenario! with { WarmUp = TimeSpan.FromSeconds(Number(value)) } },
        _ => throw new ArgumentException($"There is no option '{name}'.\n{Usage}"),
    };

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new ArgumentException($"'{text}' is not a number above zero.");
}
