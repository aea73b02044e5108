using System.Reflection;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Support;

/// <summary>
/// Two connections to one Cluster that look like one: the first takes it for a single server, as the client library does when it connects while the Cluster is being made, and serves until somebody
/// asks to look again.
/// </summary>
#pragma warning disable CA1852 // The proxy derives from it.
internal class MistakenConnection : DispatchProxy
#pragma warning restore CA1852
{
    private ConnectionMultiplexer _mistaken = null!;
    private ConnectionMultiplexer _right = null!;
    private volatile bool _hasLookedAgain;

    public static async Task<IConnectionMultiplexer> OpenAsync(string configuration)
    {
        var blind = ConfigurationOptions.Parse(configuration);
        // What tells it of a Cluster.
        blind.CommandMap = CommandMap.Create(["CLUSTER", "INFO", "HELLO"], available: false);
        var connection = Create<IConnectionMultiplexer, MistakenConnection>();
        var self = (MistakenConnection)(object)connection;
        (self._mistaken, self._right) = (await ConnectionMultiplexer.ConnectAsync(blind), await ConnectionMultiplexer.ConnectAsync(configuration));
        return connection;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _hasLookedAgain |= targetMethod!.Name == nameof(IConnectionMultiplexer.ConfigureAsync);
        if (targetMethod.Name is nameof(IAsyncDisposable.DisposeAsync) or nameof(IDisposable.Dispose))
            _mistaken.Dispose();
        return targetMethod.Invoke(_hasLookedAgain ? _right : _mistaken, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
