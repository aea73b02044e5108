using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>The one connection of this process: opened at first use, or somebody else's, which is never closed here.</summary>
internal sealed class RedisConnection(Func<Task<IConnectionMultiplexer>> open, bool isOwned, ILogger<RedisConnection> logger) : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan SubscriberPause = TimeSpan.FromMilliseconds(10);
    private const int SubscriberPauses = 100;

    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connection;

    // Each subscription holds it: one for all.
    private ISubscriber? _subscriber;

    public event Action? Restored;

    public Task<IConnectionMultiplexer> GetAsync()
    {
        lock (_gate)
        {
            // A failed attempt is not remembered: a host that starts before its Redis heals by itself.
            if (_connection is null or { IsFaulted: true } or { IsCanceled: true })
                _connection = OpenAsync();
            return _connection;
        }
    }

    /// <summary>
    /// For subscriptions, which have a connection of their own. It comes up after the one for commands, without an event that says so, and
    /// a subscription before that fails at once: without this wait the first reader of a process would find it degraded.
    /// </summary>
    public async Task<ISubscriber> GetSubscriberAsync(CancellationToken cancellationToken)
    {
        var connection = await GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_subscriber is not { } subscriber || subscriber.Multiplexer != connection)
            _subscriber = subscriber = connection.GetSubscriber();
        for (var i = 0; i < SubscriberPauses && connection.IsConnected && !subscriber.IsConnected(); i++)
            await Task.Delay(SubscriberPause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is null)
            return;
        IConnectionMultiplexer connection;
        try
        {
            connection = await _connection.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whoever asked for the connection got the error.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It never came up, so there is nothing to close.
            return;
        }

        connection.ConnectionRestored -= OnRestored;
        connection.ConnectionFailed -= OnFailed;
        if (isOwned)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>For containers that are disposed synchronously, which refuse services that cannot be.</summary>
    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private async Task<IConnectionMultiplexer> OpenAsync()
    {
        var connection = await open().ConfigureAwait(false);
        connection.ConnectionRestored += OnRestored;
        connection.ConnectionFailed += OnFailed;
        return connection;
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs args)
    {
        Log.ConnectionRestored(logger, args.ConnectionType.ToString());
        Restored?.Invoke();
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs args) =>
        Log.ConnectionLost(logger, args.ConnectionType.ToString(), args.FailureType.ToString());
}
