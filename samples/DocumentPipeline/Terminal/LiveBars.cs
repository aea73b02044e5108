using DocumentPipeline.Intake;
using LexIntel.Progress;
using Spectre.Console;

namespace DocumentPipeline.Terminal;

/// <summary>A live bar for each file.</summary>
internal sealed class LiveBars(IAnsiConsole console) : IDisplay
{
    private const int NameWidth = 30;
    private const int StateWidth = 18;

    public async Task<bool> RunAsync(TerminalQueue queue, IReadOnlyList<string> paths, CancellationToken stopping)
    {
        var problems = await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(bars => Task.WhenAll(paths.Select(path => RunAsync(queue, path, bars.AddTask(Describe(path, "waiting", null), maxValue: 100), stopping))));

        // After the bars: reasons are sentences, and would not fit beside them.
        foreach (var (path, problem) in paths.Zip(problems).Where(pair => pair.Second is not null))
            console.MarkupLineInterpolated($"[red]{FileNames.Clean(path)}[/]: {problem!}");
        return problems.All(problem => problem is null);
    }

    private static async Task<string?> RunAsync(TerminalQueue queue, string path, ProgressTask bar, CancellationToken stopping)
    {
        var problem = await queue.ProcessAsync(path, Show, stopping);
        bar.Description = problem is null ? Describe(path, "completed", "green") : Describe(path, "failed", "red");
        bar.StopTask();
        return problem;

        void Show(ProgressSnapshot snapshot)
        {
            bar.Value = snapshot.Percent;
            bar.Description = Describe(path, Doing(snapshot), null);
        }
    }

    private static string Doing(ProgressSnapshot snapshot)
    {
        var remaining = snapshot.Remaining is { } left ? $", {Math.Ceiling(left.TotalSeconds)} s" : "";
        return $"{(snapshot.Step.Length > 0 ? snapshot.Step : "waiting")}{remaining}";
    }

    /// <summary>
    /// Names are cleaned of control characters, and escaped, because the library reads square brackets as markup. Both parts keep their
    /// width, so that the bars beside them keep theirs.
    /// </summary>
    private static string Describe(string path, string state, string? color)
    {
        var name = FileNames.Clean(path);
        if (name.Length > NameWidth)
            name = string.Concat(name.AsSpan(0, NameWidth - 1), "…");
        var shown = Markup.Escape(state.PadRight(StateWidth));
        return $"{Markup.Escape(name.PadRight(NameWidth))} {(color is null ? shown : $"[{color}]{shown}[/]")}";
    }
}
