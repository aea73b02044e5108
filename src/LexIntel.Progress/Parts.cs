namespace LexIntel.Progress;

/// <summary>
/// Rounds through many are made in parts. What was opened together, or had news together, falls due together, and what thousands cost at once would
/// hold up the states of others.
/// </summary>
internal static class Parts
{
    private const int Most = 20;
    private const int Least = 250;

    /// <summary>In how many parts a round goes through so many.</summary>
    public static int Of(int count) => Math.Clamp(count / Least, 1, Most);

    /// <summary>How many one of them takes.</summary>
    public static int SizeOf(int count) => (count + Of(count) - 1) / Of(count);
}
