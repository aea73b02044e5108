using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>A process that this one started, ends and freezes, by its id.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="program">A .NET assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="read">Gets each line of its standard output.</param>
    /// <param name="log">Gets each line of its standard error.</param>
    public ChildProcess(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, Action<string> read, Action<string> log)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        // The parts share few cores with the whole experiment.
        start.Environment["DOTNET_gcServer"] = "0";
        _process = Process.Start(start)!;
        Id = _process.Id;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                read(text);
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                log(text);
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public void WriteLine(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has been killed.
        }
    }

    public void CloseInput() => _process.StandardInput.Close();

    public void Freeze() => Signal(Id, "STOP");

    public void Resume() => Signal(Id, "CONT");

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static void Signal(int id, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
