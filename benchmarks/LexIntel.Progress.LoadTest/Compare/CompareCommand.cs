using System.Text.Json;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary><c>compare</c>: every contestant with ever more clients, until it breaks; then tables and plots.</summary>
internal static class CompareCommand
{
    private const int HalvingSteps = 3;
    private const int Rounding = 100;

    private static readonly int[] Sizes = [100, 500, 1_000, 5_000, 10_000];
    private static readonly int[] QuickSizes = [100, 1_000];
    private static readonly int[] BeyondSizes = [14_000, 19_000];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="contestants">Who takes part.</param>
    /// <param name="isQuick">A few sizes, briefly.</param>
    /// <param name="folder">Where tables and plots go.</param>
    /// <param name="isDrawnOnly">Draws again what was measured before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(IReadOnlyList<Contestant> contestants, bool isQuick, string folder, bool isDrawnOnly, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "comparison.json");
        Comparison comparison;
        if (isDrawnOnly)
        {
            comparison = JsonSerializer.Deserialize<Comparison>(await File.ReadAllTextAsync(file, cancellationToken))!;
        }
        else
        {
            comparison = new() { Machine = Machine.Describe(), IsQuick = isQuick };
            foreach (var contestant in contestants)
                await MeasureAsync(contestant, isQuick, comparison, cancellationToken);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(comparison, Indented) + "\n", cancellationToken);
        }

        var text = ComparisonReport.Write(comparison, folder);
        Console.WriteLine(text);
        return 0;
    }

    private static async Task MeasureAsync(Contestant contestant, bool isQuick, Comparison comparison, CancellationToken cancellationToken)
    {
        var works = 0;
        var breaks = 0;
        foreach (var size in isQuick ? QuickSizes : [.. Sizes, .. BeyondSizes])
        {
            if ((await AddAsync(contestant, size, isQuick, comparison, cancellationToken)).Broken is null)
            {
                works = size;
                continue;
            }

            breaks = size;
            break;
        }

        for (var i = 0; i < HalvingSteps && breaks > 0 && !isQuick; i++)
        {
            var middle = (works + breaks) / 2 / Rounding * Rounding;
            if (middle <= works)
                break;
            if ((await AddAsync(contestant, middle, isQuick, comparison, cancellationToken)).Broken is null)
                works = middle;
            else
                breaks = middle;
        }
    }

    private static async Task<Point> AddAsync(Contestant contestant, int clients, bool isQuick, Comparison comparison, CancellationToken cancellationToken)
    {
        var seconds = contestant.Polls ? 9 : isQuick ? 3 : 6;
        var scenario = Scenario.Find("A").WithStreams(clients) with { WarmUp = TimeSpan.FromSeconds(isQuick ? 2 : 4), Measure = TimeSpan.FromSeconds(seconds) };
        Point point;
        try
        {
            point = Point.Of(contestant, scenario, await Bench.RunAsync(contestant, scenario, cancellationToken));
        }
        catch (InvalidOperationException ended)
        {
            point = new Point { Contestant = contestant.Name, Clients = clients, Broken = ended.Message.Length > 160 ? ended.Message[..160] + "…" : ended.Message };
        }

        comparison.Points.Add(point);
        Console.Error.WriteLine($"{contestant.Name} {clients:N0}: " + (point.Broken is { } broken ? $"broken: {broken}" : $"P50 {point.P50:0.00} P99 {point.P99:0.0} ms, {point.BytesPerUpdate:0} bytes, {point.Memory:0.0} KiB"));
        return point;
    }
}
