using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>
/// A process that outlives the orchestrator, whatever happens to that, and then kills the processes it had started, frozen ones too. It
/// reads their ids, one in a line, with a minus when one has ended; the end of its input is the orchestrator's.
/// </summary>
internal static class Guard
{
    public static int Run()
    {
        // Ctrl+C goes to the whole group; the guard must be the last.
        Console.CancelKeyPress += (_, key) => key.Cancel = true;
        var guarded = new HashSet<int>();
        while (Console.In.ReadLine() is { } line)
        {
            var id = int.Parse(line, CultureInfo.InvariantCulture);
            if (id > 0)
                guarded.Add(id);
            else
                guarded.Remove(-id);
        }

        foreach (var id in guarded)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended by itself.
            }
        }

        return 0;
    }
}
