using System.Globalization;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>Applies all rules to what was recorded.</summary>
internal static class Checker
{
    private static readonly Func<History, IEnumerable<Violation>>[] Rules =
    [
        EventuallyNewest.Check, NeverBackwards.Check, EndArrives.Check, StepsNotLost.Check,
        JobFirst.Check, OldAttemptsSilent.Check, DeathVisible.Check, ReadersAreStrangers.Check,
    ];

    public static IReadOnlyList<Violation> Check(History history) => [.. Rules.SelectMany(rule => rule(history))];

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
