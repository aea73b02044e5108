using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>A plot of lines on two logarithmic axes, as SVG that is readable on light and on dark pages.</summary>
internal sealed class Plot(string title, string unit)
{
    private const int Width = 960;
    private const int Height = 460;
    private const int Left = 90;
    private const int Right = 310;
    private const int Top = 44;
    private const int Bottom = 48;
    private const int LegendLine = 24;

    // Distinct in hue and in lightness on both backgrounds; dashes tell apart what remains.
    private static readonly string[] Colors = ["#d6336c", "#2f9e44", "#1c7ed6", "#e8590c", "#7048e8", "#0c8599", "#a07400"];
    private static readonly string[] Dashes = ["", "7 4", "2 4"];

    private readonly List<(string Name, (double X, double Y)[] Points)> _lines = [];

    public void Add(string name, IEnumerable<(double X, double Y)> points) => _lines.Add((name, [.. points.Where(static point => point.Y > 0)]));

    public string Draw()
    {
        var points = _lines.SelectMany(static line => line.Points).ToArray();
        var (xFrom, xTo) = (points.Min(static point => point.X), points.Max(static point => point.X));
        var (yFrom, yTo) = (Math.Pow(10, Math.Floor(Math.Log10(points.Min(static point => point.Y)))), Math.Pow(10, Math.Ceiling(Math.Log10(points.Max(static point => point.Y)))));
        var svg = new StringBuilder();
        Append(svg, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{Height}}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{{title}}">
            <style>
              text { fill: #24292f } .grid { stroke: #d0d7de } path { fill: none; stroke-width: 2.2 }
              @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #3d444d } path, circle { filter: brightness(1.35) } }
            </style>
            <text x="{{Left}}" y="22" font-size="16" font-weight="600">{{title}}</text>
            <text x="{{Left + ((Width - Left - Right) / 2)}}" y="{{Height - 10}}" text-anchor="middle">clients</text>

            """);

        for (var y = yFrom; y <= yTo * 1.001; y *= 10)
            Append(svg, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y):0.#}\" y2=\"{Y(y):0.#}\"/><text x=\"{Left - 8}\" y=\"{Y(y) + 4:0.#}\" text-anchor=\"end\">{Number(y)} {unit}</text>\n");
        foreach (var x in points.Select(static point => point.X).Distinct().Where(static x => x is 100 or 500 or 1_000 or 5_000 or 10_000 or 19_000))
            Append(svg, $"<line class=\"grid\" x1=\"{X(x):0.#}\" x2=\"{X(x):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text x=\"{X(x):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{Number(x)}</text>\n");

        for (var i = 0; i < _lines.Count; i++)
        {
            var (name, line) = _lines[i];
            var (color, dash) = (Colors[i % Colors.Length], Dashes[i / Colors.Length % Dashes.Length]);
            var path = string.Join(" L", line.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#} {Y(point.Y):0.#}")));
            var legend = Top + 10 + (i * LegendLine);
            Append(svg, $"<path d=\"M{path}\" stroke=\"{color}\" stroke-dasharray=\"{dash}\"/>\n");
            foreach (var (x, y) in line)
                Append(svg, $"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"3\" fill=\"{color}\"/>");
            Append(svg, $"<path d=\"M{Width - Right + 16} {legend} h26\" stroke=\"{color}\" stroke-dasharray=\"{dash}\"/><text x=\"{Width - Right + 50}\" y=\"{legend + 4}\">{name}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();

        double X(double value) => Left + ((Math.Log(value) - Math.Log(xFrom)) / Math.Max(Math.Log(xTo) - Math.Log(xFrom), 1e-9) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - ((Math.Log(value) - Math.Log(yFrom)) / (Math.Log(yTo) - Math.Log(yFrom)) * (Height - Top - Bottom));
    }

    private static void Append(StringBuilder text, FormattableString part) => text.Append(part.ToString(CultureInfo.InvariantCulture));

    private static string Number(double value) => value.ToString(value < 1 ? "0.###" : "N0", CultureInfo.InvariantCulture);
}
