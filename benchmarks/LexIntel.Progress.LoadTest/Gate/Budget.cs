using System.Globalization;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Gate;

/// <summary>
/// What a figure of the product may be at most: a multiple of the floor's in the same run, or a plain number where the machine has no say.
/// The best repetition counts, because noise only ever adds.
/// </summary>
/// <param name="Figure">The figure; less is better.</param>
/// <param name="Most">The most it may be.</param>
/// <param name="IsRatio">Whether <paramref name="Most"/> is a multiple of the floor's.</param>
internal sealed record Budget(Figure Figure, double Most, bool IsRatio)
{
    /// <summary>The row of the table, and whether the budget is kept.</summary>
    public (string[] Row, bool IsKept) Check(string scenario, IReadOnlyCollection<Trial> product, IReadOnlyCollection<Trial> floor)
    {
        var (own, other) = (product.Min(Figure.Take), floor.Min(Figure.Take));
        var value = IsRatio ? own / other : own;
        // Not a number is not kept.
        var isKept = value <= Most;
        return ([scenario, Figure.Name, Text(own), Text(other), Text(value) + Unit, Text(Most) + Unit, isKept ? "kept" : "BROKEN"], isKept);
    }

    private string Unit => IsRatio ? " ×" : "";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
