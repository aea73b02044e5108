using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// When to try to connect again: always after the same short time. The library's own policy tries ever more seldom, up to 10 s apart, and
/// everybody would wait that much longer for a Redis that is back. It asks in each heartbeat, also while a try is under way, which it gives up when
/// the answer is yes: hence more time where a handshake of TLS is part of the try.
/// </summary>
internal sealed class ReconnectPolicy(ConfigurationOptions options) : IReconnectRetryPolicy
{
    /// <summary>How often the library asks.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseWithTls = TimeSpan.FromSeconds(2.5);

    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        timeElapsedMillisecondsSinceLastRetry >= (options.Ssl ? PauseWithTls : Pause).TotalMilliseconds;
}
