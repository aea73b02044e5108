namespace LexIntel.Progress.Hub;

/// <summary>
/// A limit of time for what begins by the thousand: all that begins within a tenth of the limit shares one token, which fires when the limit has passed
/// since the first of them, or when everything stops.
/// </summary>
/// <param name="limit">The most that anything may take; what begins last in its tenth has a tenth less.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedLimit(TimeSpan limit, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<CancellationTokenSource> _running = new();
    private CancellationToken _newest = new(canceled: true);
    private long _since = long.MinValue;
    private volatile bool _isStopped;

    /// <summary>Whether everything stops.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>The token for what begins now.</summary>
    public CancellationToken Begin()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_isStopped || (!_newest.IsCancellationRequested && time.GetElapsedTime(_since, now) <= limit / 10))
                return _newest;
            // There are never many: they fire in the order in which they began. Not disposed: one that is just firing would forget whom to tell, and has no timer any more.
            while (_running.TryPeek(out var oldest) && oldest.IsCancellationRequested)
                _running.Dequeue();
            var source = new CancellationTokenSource(limit, time);
            _running.Enqueue(source);
            (_newest, _since) = (source.Token, now);
            return _newest;
        }
    }

    /// <summary>Fires all tokens. What begins later gets one that has fired.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isStopped = true;
            _newest = new(canceled: true);
            return Task.WhenAll(_running.Select(static source => source.CancelAsync()));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_running.TryDequeue(out var source))
                source.Dispose();
        }
    }
}
