using System.Diagnostics;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>What whoever watches the host learns of one stream: that it is open, how it ended and after how long, and whose states it delivered.</summary>
internal sealed class StreamRecord
{
    // As many as exporters keep of one span by default.
    private const int MostLinks = 128;

    private readonly string _transport;
    private readonly ProgressMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _openedAt;
    private readonly Activity? _span;
    private HashSet<string>? _linked;

    public StreamRecord(string transport, OpenStreams streams)
    {
        (_transport, _metrics, _time) = (transport, streams.Hub.Metrics, streams.Time);
        _openedAt = _time.GetTimestamp();
        _metrics.StreamOpened(transport);
        _span = ProgressTraces.StartDeliver(transport);
    }

    /// <summary>Why the stream ends: the client left, until something else is said.</summary>
    public string EndReason { get; set; } = "left";

    /// <summary>Links the stream with the worker whose state it delivers; each worker once.</summary>
    public void Deliver(State state)
    {
        if (_span is null || state.TraceParent is not { } worker || (_linked ??= new(StringComparer.Ordinal)).Count >= MostLinks || !_linked.Add(worker))
            return;
        ProgressTraces.Link(_span, worker);
    }

    public void Beat() => _metrics.HeartbeatSent();

    /// <summary>The stream is over.</summary>
    public void End()
    {
        _metrics.StreamEnded(_transport, EndReason, _time.GetElapsedTime(_openedAt));
        _span?.SetTag("lexintel.progress.reason", EndReason);
        _span?.Dispose();
    }
}
