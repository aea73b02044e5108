using System.Globalization;
using DocumentPipeline.Intake;
using LexIntel.Progress;

namespace DocumentPipeline.Terminal;

/// <summary>One line for each step and tenth, for log files and pipes.</summary>
internal sealed class PlainLines(TextWriter output) : IDisplay
{
    private readonly Lock _gate = new();

    public async Task<bool> RunAsync(TerminalQueue queue, IReadOnlyList<string> paths, CancellationToken stopping)
    {
        var isCompleted = await Task.WhenAll(paths.Select(path => RunAsync(queue, path, stopping)));
        Write($"{isCompleted.Count(ok => ok)} of {paths.Count} completed");
        return isCompleted.All(ok => ok);
    }

    private async Task<bool> RunAsync(TerminalQueue queue, string path, CancellationToken stopping)
    {
        var name = FileNames.Clean(path);
        var shown = ("", -1);
        var problem = await queue.ProcessAsync(path, Show, stopping);
        Write(problem is null ? $"{name}: completed" : $"{name}: failed: {problem}");
        return problem is null;

        void Show(ProgressSnapshot snapshot)
        {
            var now = (snapshot.Step, (int)snapshot.Percent / 10);
            if (now == shown || snapshot.IsTerminal)
                return;
            shown = now;
            Write($"{name}: {snapshot.Percent.ToString("0", CultureInfo.InvariantCulture)} % {snapshot.Step} {snapshot.Message}".TrimEnd());
        }
    }

    private void Write(string line)
    {
        lock (_gate)
            output.WriteLine(line);
    }
}
