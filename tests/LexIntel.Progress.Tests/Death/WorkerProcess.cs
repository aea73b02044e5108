using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Tests.Death;

/// <summary>A worker in a process of its own, to be stopped or killed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    /// <summary>Built beside the tests.</summary>
    public static string Program { get; } = FindProgram();

    public WorkerProcess(RedisServer redis, int documents, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Program, documents.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__Redis"] = redis.Configuration;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
    }

    /// <summary>Asks it to stop, as a deployment does, and waits until it has.</summary>
    public async Task TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WithinAsync("the worker's end");
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static string FindProgram()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, "LexIntel.Progress.TestWorker", own.Name, "LexIntel.Progress.TestWorker.dll");
    }
}
