using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A real PostgreSQL server of the test's own in a folder of its own. It refuses to run as root: then the user <c>postgres</c> runs it.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Packaged = "/usr/lib/postgresql";
    private const string User = "postgres";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("lexintel-postgres-");

    private PostgresServer() => AppDomain.CurrentDomain.ProcessExit += OnExit;

    /// <summary>Why no server can be started here; <see langword="null"/> when one can.</summary>
    public static string? WhyMissing { get; } = FindPrograms() is null
        ? "PostgreSQL is not installed. Install it (apt-get install postgresql), or run ./test.sh, which does."
        : null;

    /// <summary>The port.</summary>
    public int Port { get; } = LoopbackPort.Free();

    /// <summary>A connection string of Npgsql to a database, which need not exist yet.</summary>
    public string Database(string name) => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={User};Database={name}");

    /// <summary>Makes and starts a server, and waits until it answers.</summary>
    public static async Task<PostgresServer> LaunchAsync()
    {
        var server = new PostgresServer();
        try
        {
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", [User, server._directory.FullName]);
            await RunProgramAsync("initdb", "--pgdata", server.Data, "--auth", "trust", "--username", User, "--no-sync");
            await RunProgramAsync(
                "pg_ctl", "start", "--wait", "--pgdata", server.Data, "--log", Path.Combine(server._directory.FullName, "log"),
                "--options", string.Create(CultureInfo.InvariantCulture, $"-p {server.Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            await StopAsync();
        _directory.Delete(recursive: true);
    }

    private string Data => Path.Combine(_directory.FullName, "data");

    private static string? FindPrograms() => Directory.Exists(Packaged)
        ? Directory.EnumerateDirectories(Packaged).Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    private static Task RunProgramAsync(string name, params string[] arguments)
    {
        var program = Path.Combine(FindPrograms() ?? throw new InvalidOperationException(WhyMissing), name);
        return Environment.IsPrivilegedProcess ? RunAsync("runuser", ["-u", User, "--", program, .. arguments]) : RunAsync(program, arguments);
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        // The server that pg_ctl starts keeps what it inherits: pipes would never end.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}.");
    }

    private Task StopAsync() => RunProgramAsync("pg_ctl", "stop", "--wait", "--mode", "immediate", "--pgdata", Data);

    /// <summary>It is no child of this process, and would outlive it.</summary>
    private void OnExit(object? sender, EventArgs args) => Task.Run(StopAsync).Wait();
}
