using System.Diagnostics;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>The sample StreamHost as a process of its own, as users run it.</summary>
internal sealed class StreamHostProcess : IAsyncDisposable
{
    private readonly ProcessStartInfo _start;
    private Process _process;

    private StreamHostProcess(ProcessStartInfo start, Process process, Uri address)
    {
        (_start, _process, Address) = (start, process, address);
        Client = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<StreamHostProcess> StartAsync(RedisServer? redis, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Output("StreamHost"), "StreamHost.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (redis is not null)
            start.Environment["ConnectionStrings__Redis"] = redis.Configuration;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (process, address) = await LaunchAsync(start);
        return new(start, process, address);
    }

    /// <summary>Ends the host as a service manager does, and waits until it has drained.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", [_process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WithinAsync("the end of StreamHost");
    }

    /// <summary>Starts the host that was stopped again, at the same address.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _start.ArgumentList[2] = Address.ToString();
        (_process, _) = await LaunchAsync(_start);
    }

    private static async Task<(Process Process, Uri Address)> LaunchAsync(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            process.WaitForExit();
            address.TrySetException(new InvalidOperationException($"StreamHost ended with code {process.ExitCode}:\n{string.Join('\n', output)}"));
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return (process, await address.Task.WithinAsync("the address of StreamHost"));

        void Read(string? line)
        {
            const string listening = "Now listening on: ";
            if (line is null)
                return;
            lock (output)
                output.Add(line);
            if (line.IndexOf(listening, StringComparison.Ordinal) is >= 0 and var at)
                address.TrySetResult(new Uri(line[(at + listening.Length)..]));
        }
    }

    public Task<SseConnection> StreamAsync(string documentId, string? lastEventId = null) =>
        SseConnection.OpenAsync(Address, $"/progress/documents/{Uri.EscapeDataString(documentId)}/stream", lastEventId);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Where a project of this solution was built, in the configuration of these tests.</summary>
    private static string Output(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name);
    }
}
