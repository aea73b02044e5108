using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;

namespace DocumentPipeline.Tests.Support;

/// <summary>The sample as a process, as users run it: what it writes, its end, and signals to it.</summary>
internal sealed class SampleProgram : IAsyncDisposable
{
    /// <summary>For starts and ends on a machine that is very busy; only a failing test waits for so long.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _output = [];

    private SampleProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    public static SampleProgram Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        Launch("dotnet", [Dll, .. arguments], environment);

    /// <summary>Starts it with a terminal instead of pipes.</summary>
    public static SampleProgram StartInTerminal(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        if (!File.Exists("/usr/bin/script"))
            Assert.Skip("script, which makes a terminal, is not installed. Install it (apt-get install bsdutils).");
        var line = string.Join(' ', ((string[])["dotnet", Dll, .. arguments]).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        return Launch("script", ["--quiet", "--return", "--command", line, "/dev/null"], [("TERM", "xterm-256color"), .. environment]);
    }

    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WithinAsync($"the end of the sample. It wrote:\n{Output}", Limit);
        return _process.ExitCode;
    }

    /// <summary>Waits for a piece of what it writes, and returns the line.</summary>
    public async Task<string> LineAsync(string piece)
    {
        await Eventually.TrueAsync(() => Find(piece) is not null || _process.HasExited, $"'{piece}' in what the sample writes", Limit);
        return Find(piece) ?? throw new InvalidOperationException($"The sample ended without writing '{piece}':\n{Output}");
    }

    /// <summary>Asks it to end, as a service manager or Ctrl+C does, and waits for the end.</summary>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        await SendAsync(signal);
        return await EndAsync();
    }

    /// <summary>Sends a signal: STOP freezes the process, CONT lets it go on.</summary>
    public async Task SendAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends it as a crash or a power failure does.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static string Dll
    {
        get
        {
            // Every project is built into a folder of its name, beside the others, in the configuration of these tests.
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "DocumentPipeline", own.Name, "DocumentPipeline.dll");
        }
    }

    private static SampleProgram Launch(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What happens to be set on this machine must not decide about a test.
        start.Environment.Remove("ConnectionStrings__Redis");
        start.Environment.Remove("ConnectionStrings__Postgres");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    private string? Find(string piece)
    {
        lock (_output)
            return _output.Find(line => line.Contains(piece, StringComparison.Ordinal));
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(line);
    }
}
