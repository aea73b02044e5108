using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>The one connection of this process: opened at first use, or somebody else's, which is never closed here.</summary>
internal sealed class RedisConnection(Func<Task<IConnectionMultiplexer>> open, bool isOwned, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connection;

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

    public async ValueTask DisposeAsync()
    {
        if (_connection is null)
            return;
        try
        {
            var connection = await _connection.ConfigureAwait(false);
            connection.ConnectionRestored -= OnRestored;
            connection.ConnectionFailed -= OnFailed;
            if (isOwned)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (RedisException)
        {
            // It never came up.
        }
    }

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
