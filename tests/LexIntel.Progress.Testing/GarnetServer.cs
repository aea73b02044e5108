using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A server in this process that speaks the Redis protocol: Redis' commands and scripts for tests on machines without Redis.</summary>
public sealed class GarnetServer : IAsyncDisposable
{
    private Garnet.GarnetServer? _server;

    private GarnetServer()
    {
    }

    /// <summary>The port, which stays the same when the server is started again.</summary>
    public int Port { get; } = LoopbackPort.Free();

    /// <summary>A configuration string of StackExchange.Redis.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts a server.</summary>
    public static GarnetServer Launch()
    {
        var server = new GarnetServer();
        server.Start();
        return server;
    }

    /// <summary>Starts the server, empty.</summary>
    public void Start()
    {
        if (_server is not null)
            throw new InvalidOperationException("The server runs already. Stop it first.");
        // Without transactions its scripts of several connections run into each other, which no script of ours survives.
        _server = new Garnet.GarnetServer(
            ["--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--lua", "true", "--lua-transaction-mode", "true", "--memory", "64m", "--page", "1m", "--index", "1m"]);
        _server.Start();
    }

    /// <summary>Stops the server: connections break, and what it held is gone.</summary>
    public void Stop()
    {
        _server?.Dispose();
        _server = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }
}
