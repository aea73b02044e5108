using System.Globalization;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest;

/// <summary>What the command line says.</summary>
internal sealed record LoadTestOptions
{
    public const string Usage = """
        usage: LexIntel.Progress.LoadTest run SCENARIO [--servers a,b] [--repetitions N] [--streams N] [--rate R] [--documents N] [--seconds S] [--warm-up S] [--settled]
               LexIntel.Progress.LoadTest compare [--quick] [--servers a,b] [--to FOLDER] [--draw]
               LexIntel.Progress.LoadTest store [--repetitions N]
               LexIntel.Progress.LoadTest gate
          run      a scenario (A, A40, B, B30, C, idle, storm, cold-storm, hold), in alternating repetitions; prints medians and spread.
                   --settled: servers and workers of .NET collect once after the warm-up
          compare  all ways to bring progress to clients, each with ever more clients until it breaks; writes tables into FOLDER/performance.md and
                   plots into FOLDER/images (default: docs; with --quick: artifacts/comparison). --draw draws again what was measured before
          store    what an update costs on the way into Redis, against a bare PUBLISH
          gate     A, B and C, small, against budgets; the exit code says whether they are kept
        Everything runs on this machine's loopback; what is needed is started on free ports and ended afterwards.
        """;

    public required string Command { get; init; }

    public Scenario? Scenario { get; init; }

    /// <summary>Who takes part; <see langword="null"/>: the command's own choice.</summary>
    public IReadOnlyList<Contestant>? Contestants { get; init; }

    public int Repetitions { get; init; } = 5;

    public bool IsQuick { get; init; }

    public bool IsDrawnOnly { get; init; }

    public string? Folder { get; init; }

    /// <exception cref="ArgumentException">The command line cannot be understood.</exception>
    public static LoadTestOptions Parse(ReadOnlySpan<string> arguments)
    {
        if (arguments is not [var command, .. var rest])
            throw new ArgumentException(Usage);
        var options = new LoadTestOptions { Command = command };
        switch (command)
        {
            case "run" when rest is [var name, ..]:
                options = options with { Scenario = Scenario.Find(name) };
                rest = rest[1..];
                break;
            case "compare" or "gate" or "store":
                break;
            default:
                throw new ArgumentException(Usage);
        }

        while (rest is [var option, ..])
        {
            options = rest switch
            {
                ["--settled", ..] when command == "run" => options with { Scenario = options.Scenario! with { IsSettled = true } },
                ["--quick", ..] when command == "compare" => options with { IsQuick = true },
                ["--draw", ..] when command == "compare" => options with { IsDrawnOnly = true },
                [_, var value, ..] => options.With(option, value),
                _ => throw new ArgumentException($"The option '{option}' lacks its value, or does not exist.\n{Usage}"),
            };
            rest = rest[(option is "--quick" or "--draw" or "--settled" ? 1 : 2)..];
        }

        return options;
    }

    private LoadTestOptions With(string name, string value) => (Command, name) switch
    {
        ("run" or "compare", "--servers") => this with { Contestants = [.. value.Split(',').Select(Contestant.Find)] },
        ("compare", "--to") => this with { Folder = value },
        ("run" or "store", "--repetitions") => this with { Repetitions = Number(value) },
        ("run", "--streams") => this with { Scenario = Scenario!.WithStreams(Number(value)) },
        ("run", "--documents") => this with { Scenario = Scenario! with { Documents = Number(value) } },
        ("run", "--rate") => this with { Scenario = Scenario! with { Rate = double.Parse(value, CultureInfo.InvariantCulture) } },
        ("run", "--seconds") => this with { Scenario = Scenario! with { Measure = TimeSpan.FromSeconds(Number(value)) } },
        ("run", "--warm-up") => this with { Scenario = Scenario! with { WarmUp = TimeSpan.FromSeconds(Number(value)) } },
        _ => throw new ArgumentException($"There is no option '{name}' of '{Command}'.\n{Usage}"),
    };

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new ArgumentException($"'{text}' is not a number above zero.");
}
