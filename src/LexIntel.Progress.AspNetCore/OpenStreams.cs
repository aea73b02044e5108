using System.Collections.Concurrent;
using LexIntel.Progress.Hub;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.AspNetCore;

/// <summary>All streams of the host, and what they share: one timer for all their heartbeats and ages, and their common end when the host stops.</summary>
internal sealed class OpenStreams
{
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ProgressStream, bool> _streams = new();
    private readonly Walk<KeyValuePair<ProgressStream, bool>> _walk;
    private readonly ITimer _timer;
    private readonly TimeSpan _round;
    private int _count;

    public OpenStreams(ProgressHub hub, AccessGate gate, StreamLimits limits, ProgressStreamOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (Hub, Gate, Limits, Options, Time, Stopping) = (hub, gate, limits, options, time, lifetime.ApplicationStopping);
        _round = options.HeartbeatInterval / 5 < LongestRound ? options.HeartbeatInterval / 5 : LongestRound;
        _walk = new(_streams);
        _timer = time.CreateTimer(_ => Beat(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lifetime.ApplicationStopping.Register(WakeAll);
        lifetime.ApplicationStopped.Register(_timer.Dispose);
    }

    public ProgressHub Hub { get; }

    public AccessGate Gate { get; }

    public StreamLimits Limits { get; }

    public ProgressStreamOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Fires when the host begins to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>After how long a client comes back when its stream broke.</summary>
    public TimeSpan UsualRetry() => RandomBetween(Options.RetryMin, Options.RetryMax);

    /// <summary>After how long a client comes back when the host stops: all do, and the hosts that remain have to take them.</summary>
    public TimeSpan DrainRetry() => RandomBetween(Options.RetryMin, Options.DrainRetryMax);

    /// <summary>After how long a client comes back whose stream is merely old: their ends are spread already.</summary>
    public TimeSpan QuickRetry() => RandomBetween(ProgressStreamOptions.ShortestRetry, Options.RetryMin);

    /// <summary>The timestamp at which a stream that begins now is too old: at 80-100 % of the greatest age, so that streams that began together do not end together.</summary>
    public long NextEnd() => Options.MaxStreamAge == Timeout.InfiniteTimeSpan
        ? long.MaxValue
        : Time.GetTimestamp() + (long)(RandomBetween(Options.MaxStreamAge * 0.8, Options.MaxStreamAge).TotalSeconds * Time.TimestampFrequency);

    public void Add(ProgressStream stream)
    {
        _streams[stream] = true;
        if (Interlocked.Increment(ref _count) == 1)
            _timer.Change(_round, Timeout.InfiniteTimeSpan);
    }

    public void Remove(ProgressStream stream)
    {
        // The timer ends by itself when it finds none: ended here, it could be after another stream has begun it again.
        _streams.TryRemove(stream, out _);
        Interlocked.Decrement(ref _count);
    }

    private static TimeSpan RandomBetween(TimeSpan least, TimeSpan most) => least + ((most - least) * Random.Shared.NextDouble());

    /// <summary>Looks which streams have something due, each once in a round.</summary>
    private void Beat()
    {
        lock (_walk)
        {
            var (now, count) = (Time.GetTimestamp(), Volatile.Read(ref _count));
            if (count == 0)
                return;
            for (var left = Parts.SizeOf(count); left > 0 && _walk.TryNext(out var entry); left--)
                entry.Key.WakeWhenDue(now);
            _timer.Change(_round / Parts.Of(count), Timeout.InfiniteTimeSpan);
        }
    }

    private void WakeAll()
    {
        foreach (var (stream, _) in _streams)
            stream.Wake();
    }
}
