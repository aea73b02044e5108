using System.Text;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>A table as Markdown, which is also readable in a terminal: a line per figure, a column per contestant.</summary>
internal static class Table
{
    public static string Print(IReadOnlyList<Figure> figures, IReadOnlyDictionary<string, List<Trial>> trials)
    {
        string[][] rows =
        [
            ["median (least-most)", .. trials.Keys],
            .. figures.Select(figure => (string[])[figure.Name, .. trials.Values.Select(figure.Print)]).Where(static row => row.Skip(1).Any(static cell => cell != "-")),
        ];
        return Print(rows);
    }

    /// <param name="rows">The first is the heading.</param>
    public static string Print(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < rows.Count; i++)
        {
            text.Append('|').AppendJoin('|', rows[i].Select((cell, column) => $" {cell.PadRight(widths[column])} ")).Append("|\n");
            if (i == 0)
                text.Append('|').AppendJoin('|', widths.Select(static width => new string('-', width + 2))).Append("|\n");
        }

        return text.ToString();
    }
}
