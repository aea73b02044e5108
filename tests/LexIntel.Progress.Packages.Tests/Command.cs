using System.Diagnostics;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>A program that runs in a folder, as somebody starts it at a prompt.</summary>
internal sealed class Command : IAsyncDisposable
{
    /// <summary>Compiling to native code takes two minutes of processor time, and several where others compile as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private const string Listening = "Now listening on: ";

    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Command(string folder, string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        Text = $"{program} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // No server of the compiler outlives the test.
        foreach (var (name, value) in environment.Concat([("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1")]))
            start.Environment[name] = value;
        Process = Process.Start(start)!;
        Process.OutputDataReceived += (_, line) => Read(line.Data);
        Process.ErrorDataReceived += (_, line) => Read(line.Data);
        Process.EnableRaisingEvents = true;
        Process.Exited += (_, _) =>
        {
            Process.WaitForExit();
            _address.TrySetException(new InvalidOperationException($"{Text} ended with code {Process.ExitCode}:\n{Output}"));
        };
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    public string Text { get; }

    public Process Process { get; }

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    public static Command Start(string folder, string program, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment) =>
        new(folder, program, arguments, environment);

    /// <summary>Runs a command to its end, which must be a success; what it wrote.</summary>
    public static async Task<string> RunAsync(string folder, string program, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment)
    {
        await using var command = Start(folder, program, arguments, environment);
        await command.Process.WaitForExitAsync().WithinAsync($"the end of {command.Text}", Patience);
        Assert.True(command.Process.ExitCode == 0, $"{command.Text} ended with code {command.Process.ExitCode}:\n{command.Output}");
        return command.Output;
    }

    /// <summary>Where it listens, once it does.</summary>
    public Task<Uri> AddressAsync() => _address.Task.WithinAsync($"{Text} listens", Patience);

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..]));
    }
}
