namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>Everything a comparison has measured; kept as a file, so that it can be drawn again.</summary>
internal sealed record Comparison
{
    public required string Machine { get; init; }

    public bool IsQuick { get; init; }

    public List<Point> Points { get; init; } = [];

    /// <summary>One contestant's points, from few clients to many.</summary>
    public IReadOnlyList<Point> Of(string contestant) => [.. Points.Where(point => point.Contestant == contestant).OrderBy(static point => point.Clients)];

    /// <summary>The most clients it worked with.</summary>
    public Point? Most(string contestant) => Of(contestant).LastOrDefault(static point => point.Broken is null);

    /// <summary>The fewest it did not work with.</summary>
    public Point? Break(string contestant) => Of(contestant).FirstOrDefault(static point => point.Broken is not null);
}
