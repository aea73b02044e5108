using System.Globalization;

namespace LexIntel.Progress.LoadTest;

/// <summary>The documents of an experiment: ids as long as a UUID.</summary>
internal static class Documents
{
    public static string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"8f14e45f-ceea-467a-9575-{index:D12}");

    /// <summary>What existing publishers call the channel of a document.</summary>
    public static string Channel(int index) => $"document:{Id(index)}:progress";
}
