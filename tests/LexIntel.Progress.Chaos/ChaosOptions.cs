using System.Globalization;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos;

/// <summary>What the command line says.</summary>
internal sealed record ChaosOptions
{
    public const string Usage = """
        usage: LexIntel.Progress.Chaos [--seed S] [--seconds N | --minutes M] [--break WHAT] [--log FILE]
          --seed     the experiment; the same seed gives the same schedule (default: a new one)
          --seconds  how long (default 60, at least 30); --minutes likewise
          --break    damages the recorded history before it is checked, to show that the checker sees it:
                     swap, percentage, end, step, latency, attempt, stalled, staleness, newest
          --log      where the warnings of the processes go
        """;

    public int Seed { get; init; } = Environment.TickCount & 0xFFFFFF;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    public Damage? Break { get; init; }

    public string? Log { get; init; }

    public static ChaosOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new ChaosOptions();
        if (arguments.Length % 2 != 0)
            return null;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds >= 30:
                    options = options with { Duration = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes >= 0.5:
                    options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                    break;
                case "--break" when Enum.TryParse<Damage>(value, ignoreCase: true, out var damage):
                    options = options with { Break = damage };
                    break;
                case "--log":
                    options = options with { Log = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
