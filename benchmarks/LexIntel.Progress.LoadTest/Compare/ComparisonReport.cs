using System.Globalization;
using System.Text;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>The comparison as Markdown and plots: a file of its own, or the marked part of <c>performance.md</c> where there is one.</summary>
internal static class ComparisonReport
{
    private const string Begin = "<!-- comparison: written by the load test -->";
    private const string End = "<!-- end of comparison -->";

    public static string Write(Comparison comparison, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Draw(comparison, folder, "latency", "P99 of the time from the worker's call to the client", "ms", static point => point.P99);
        Draw(comparison, folder, "median", "Median of the time from the worker's call to the client", "ms", static point => point.P50);
        Draw(comparison, folder, "memory", "Resident memory of the server per client", "KiB", static point => point.Memory);
        Draw(comparison, folder, "cpu", "Processor time of the server per client and second", "µs", static point => point.Cpu);

        var text = Text(comparison);
        var file = Path.Combine(folder, "performance.md");
        var page = File.Exists(file) ? File.ReadAllText(file) : $"{Begin}\n{End}\n";
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{file} lacks the lines '{Begin}' and '{End}', between which the comparison goes.");
        File.WriteAllText(file, $"{page[..(begin + Begin.Length)]}\n\n{text}\n{page[end..]}");
        return text;
    }

    private static void Draw(Comparison comparison, string folder, string name, string title, string unit, Func<Point, double> take)
    {
        var plot = new Plot(title, unit);
        foreach (var contestant in Taking(comparison))
            plot.Add(contestant.Title, comparison.Of(contestant.Name).Where(static point => point.Broken is null).Select(point => ((double)point.Clients, take(point))));
        File.WriteAllText(Path.Combine(folder, "images", $"comparison-{name}.svg"), plot.Draw());
    }

    private static IEnumerable<Contestant> Taking(Comparison comparison) => Contestant.All.Where(contestant => comparison.Of(contestant.Name).Count > 0);

    private static string Text(Comparison comparison)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured on: {comparison.Machine}\n\n");
        if (comparison.IsQuick)
            text.Append("This was `compare --quick`: few clients, three seconds each, once. It shows orders of magnitude, and not where anything breaks.\n\n");
        foreach (var (name, what) in (ReadOnlySpan<(string, string)>)[("latency", "P99"), ("median", "Median"), ("memory", "Memory"), ("cpu", "Processor time")])
            text.Append(CultureInfo.InvariantCulture, $"![{what} by number of clients](images/comparison-{name}.svg)\n");

        text.Append("\n**Where and why each breaks**\n\n").Append(Table.Print(
        [
            ["way", "worked with", "broke at", "why"],
            .. Taking(comparison).Select(contestant => (string[])
            [
                contestant.Title,
                comparison.Most(contestant.Name) is { } most ? Number(most.Clients) : "-",
                comparison.Break(contestant.Name) is { } broken ? Number(broken.Clients) : "not seen",
                comparison.Break(contestant.Name)?.Broken ?? "",
            ]),
        ]));

        foreach (var clients in comparison.Points.Select(static point => point.Clients).Distinct().Order().Where(clients => comparison.Points.Count(point => point.Clients == clients) > 1))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**{Number(clients)} clients**\n\n").Append(Table.Print(
            [
                ["way", "P50 ms", "P95 ms", "P99 ms", "bytes/update", "not shown", "KiB/client", "CPU µs/client/s", "cores, all"],
                .. Taking(comparison).Select(contestant => Row(contestant, comparison.Of(contestant.Name).FirstOrDefault(point => point.Clients == clients))).OfType<string[]>(),
            ]));
        }

        var claims = Claim.All.Select(claim => claim.Row(comparison)).OfType<string[]>().ToArray();
        if (claims.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**What was claimed, and what was measured** (latency and bytes with {Claim.Reference} clients; memory with the most that worked)\n\n").Append(Table.Print(
                [["way", "P50", "P95", "P99", "bytes/update", "memory/connection", "users", "breaks at"], .. claims]));
        }

        text.Append("\n**Settings**\n\n");
        foreach (var contestant in Taking(comparison))
            text.Append(CultureInfo.InvariantCulture, $"- {contestant.Title}: {contestant.Settings}\n");
        return text.ToString();
    }

    private static string[]? Row(Contestant contestant, Point? point)
    {
        if (point is null)
            return null;
        if (point.Broken is not null)
            return [contestant.Title, "broken", "", "", "", "", "", "", ""];
        return
        [
            contestant.Title, Value(point.P50, "0.00"), Value(point.P95, "0.0"), Value(point.P99, "0.0"), Value(point.BytesPerUpdate, "0"),
            Value(point.Skipped * 100, "0.#") + " %", Value(point.Memory, "0.0"), Value(point.Cpu, "0"), Value(point.Cores, "0.00"),
        ];
    }

    private static string Value(double value, string format) => value < 0 ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
