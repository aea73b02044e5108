using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A Sentinel of the test's own, which makes a replica the master when the master is gone.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    /// <summary>What it calls the servers it watches.</summary>
    public const string ServiceName = "progress";

    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private RedisSentinel(DirectoryInfo directory, Process process, int port)
    {
        (_directory, _process, Port) = (directory, process, port);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>A configuration string of StackExchange.Redis that finds the master through it.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},serviceName={ServiceName}");

    /// <summary>Starts one.</summary>
    /// <param name="master">Whom it watches.</param>
    /// <param name="patience">How long the master must be gone.</param>
    public static RedisSentinel Launch(RedisServer master, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(master);
        var directory = Directory.CreateTempSubdirectory("lexintel-sentinel-");
        var port = LoopbackPort.Free();
        var file = Path.Combine(directory.FullName, "sentinel.conf");
        // It writes what it learns into its file.
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            port {port}
            bind 127.0.0.1
            dir {directory.FullName}
            sentinel monitor {ServiceName} 127.0.0.1 {master.Port} 1
            sentinel down-after-milliseconds {ServiceName} {(int)patience.TotalMilliseconds}
            sentinel failover-timeout {ServiceName} {(int)patience.TotalMilliseconds}0

            """));
        var start = new ProcessStartInfo("redis-server", [file, "--sentinel"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(directory, process, port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private void OnExit(object? sender, EventArgs args) => _process.Kill();
}
