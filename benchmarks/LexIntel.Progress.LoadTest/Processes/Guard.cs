using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.LoadTest.Processes;

/// <summary>The role that outlives its parent by a moment: when its input ends, it ends the processes and removes the folders it was told of.</summary>
internal static class Guard
{
    public static int Run()
    {
        // Ctrl+C reaches all processes of a terminal, and this one has work to do then.
        Console.CancelKeyPress += static (_, key) => key.Cancel = true;
        var processes = new List<(int Id, DateTime Started)>();
        var folders = new List<string>();
        while (Console.In.ReadLine() is { } line)
        {
            if (line.StartsWith('/'))
                folders.Add(line[1..]);
            else if (int.Parse(line, CultureInfo.InvariantCulture) is var id && Find(id) is { } process)
                processes.Add((id, process.StartTime));
        }

        foreach (var (id, started) in processes)
        {
            // An id may have been given to another process since.
            if (Find(id) is { } process && process.StartTime == started)
                process.Kill(entireProcessTree: true);
        }

        foreach (var folder in folders)
            Delete(folder);
        return 0;
    }

    /// <summary>Removes a folder, in which a process that is just ending may still write.</summary>
    public static void Delete(string folder)
    {
        for (var i = 0; i < 20 && Directory.Exists(folder); i++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                Thread.Sleep(50);
            }
        }
    }

    private static Process? Find(int id)
    {
        try
        {
            return Process.GetProcessById(id) is { HasExited: false } process ? process : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
