using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace LexIntel.Progress.Testing;

/// <summary>
/// A real redis-server of the test's own on a free port of this machine, without persistence: stopped and started again, it is empty.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("lexintel-redis-");
    private readonly string[] _settings;
    private Process? _process;
    private bool _isFrozen;

    private readonly ConcurrentQueue<string> _log = new();

    private RedisServer(string[] settings)
    {
        _settings = settings;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>Why no server can be started here; <see langword="null"/> when one can.</summary>
    public static string? WhyMissing { get; } = FindProgram() is null
        ? "redis-server is not installed. Install it (apt-get install redis-server), or run ./test.sh, which does."
        : null;

    /// <summary>The port, which stays the same when the server is started again.</summary>
    public int Port { get; } = LoopbackPort.Free();

    /// <summary>What the server has logged.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>The id of the process that runs now.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>A configuration string of StackExchange.Redis.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>The value of one of the settings it was given.</summary>
    public string Setting(string name) => _settings[Array.IndexOf(_settings, name) + 1];

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="settings">More of its settings, as on its command line: <c>"--replicaof", "127.0.0.1 6379"</c>.</param>
    public static async Task<RedisServer> LaunchAsync(params string[] settings)
    {
        var server = new RedisServer(settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>A server that is not started yet, to see what happens when it comes up later.</summary>
    public static RedisServer NotStarted(params string[] settings) => new(settings);

    /// <summary>Starts the server, empty, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        if (_process is not null)
            throw new InvalidOperationException("The server runs already. Stop it first.");
        var start = new ProcessStartInfo(FindProgram() ?? throw new InvalidOperationException(WhyMissing))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory.FullName,
        };
        foreach (var argument in (string[])["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. _settings])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.GetAsync(PingAsync, static answer => answer, $"an answer of redis-server on port {Port}");
    }

    /// <summary>Kills the server: connections break, and what it held is gone.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        // SIGKILL ends a frozen process too.
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        (_process, _isFrozen) = (null, false);
    }

    /// <summary>Stops the server's clock: connections stay open, and nothing answers.</summary>
    public void Freeze()
    {
        Signal("STOP");
        _isFrozen = true;
    }

    /// <summary>Lets a frozen server go on: what was sent to it meanwhile is executed now.</summary>
    public void Resume()
    {
        if (!_isFrozen)
            return;
        Signal("CONT");
        _isFrozen = false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    private static string? FindProgram() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void OnExit(object? sender, EventArgs args) => _process?.Kill();

    private async Task<bool> PingAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"redis-server ended at once with code {_process.ExitCode}; perhaps port {Port} was taken meanwhile.");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await stream.ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8);
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            return false;
        }
    }
}
