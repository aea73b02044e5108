using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Diagnostics;

/// <summary>
/// The instruments. No ids on them: their number has no bound. What is counted for each update or each reader is a counter and looks first
/// whether anybody listens; what is a level is observed, so that nobody pays for it between two looks.
/// </summary>
internal sealed class ProgressMetrics : IDisposable
{
    private static readonly KeyValuePair<string, object?>[] Statuses = [.. Enum.GetValues<ProgressStatus>().Select(status => Tag("status", StatusNames.Name(status)))];
    private static readonly KeyValuePair<string, object?> Succeeded = Tag("outcome", "success");
    private static readonly KeyValuePair<string, object?> Failed = Tag("outcome", "failure");
    private static readonly KeyValuePair<string, object?> Missed = Tag("found", "missed");
    private static readonly KeyValuePair<string, object?> Known = Tag("found", "known");

    // From a wire within one machine to a backplane that is nearly given up.
    private static readonly InstrumentAdvice<double> Latencies = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    // From a page that is closed at once to a batch that runs for half a day.
    private static readonly InstrumentAdvice<double> Lifetimes = new() { HistogramBucketBoundaries = [0.1, 1, 5, 15, 60, 300, 900, 3600, 14400, 43200] };

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly ConcurrentQueue<(KeyValuePair<string, object?> Side, Func<bool> Works)> _sides = new();
    private readonly Counter<long> _reported;
    private readonly Counter<long> _conflated;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _publishDuration;
    private readonly Counter<long> _messagesForeign;
    private readonly Counter<long> _messagesDropped;
    private readonly Counter<long> _rereads;
    private readonly Counter<long> _delivered;
    private long _skipped;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _heartbeats;
    private readonly UpDownCounter<long> _streams;
    private readonly Histogram<double> _streamDuration;
    private readonly Counter<long> _streamsRefused;

    public ProgressMetrics(IMeterFactory? meters = null)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(ProgressDiagnostics.MeterName) ?? new Meter(ProgressDiagnostics.MeterName);
        _reported = Counter("updates.reported", "{update}", "What workers reported.");
        _conflated = Counter("updates.conflated", "{update}", "Reports that were overwritten by a newer one before they were sent.");
        _stored = Counter("updates.stored", "{update}", "Updates that the store accepted, by status.");
        _refused = Counter("updates.refused", "{update}", "Updates that the store or the outbox refused, by reason.");
        _dropped = Counter("updates.dropped", "{update}", "Updates that were given up, by reason.");
        _publishDuration = _meter.CreateHistogram("lexintel.progress.publish.duration", "s", "How long one call took that stores and publishes updates.", advice: Latencies);
        _meter.CreateObservableGauge(
            "lexintel.progress.backplane.available", () => _sides.Select(static side => new Measurement<int>(side.Works() ? 1 : 0, side.Side)),
            "{backplane}", "Whether the backplane takes updates (side write) and can be read (side read): 1 or 0.");
        _messagesForeign = Counter("messages.foreign", "{message}", "Messages of publishers that only publish, which are shown and not stored.");
        _messagesDropped = Counter("messages.dropped", "{message}", "Messages on a channel that no reader may see, by reason.");
        _rereads = Counter("rereads", "{read}", "Stored states that were read again, by whether their message had been missed.");
        _delivered = Counter("states.delivered", "{state}", "States that readers took.");
        // Counted inside locks, where nothing of a listener may run.
        _meter.CreateObservableCounter("lexintel.progress.states.conflated", () => Interlocked.Read(ref _skipped), "{state}", "States that were overwritten by a newer one before their reader took them.");
        _lag = _meter.CreateHistogram("lexintel.progress.delivery.lag", "s", "How old a live state was when a reader took it; clocks of different machines are compared.", advice: Latencies);
        _heartbeats = Counter("heartbeats", "{heartbeat}", "Heartbeats that streams sent.");
        _streams = _meter.CreateUpDownCounter<long>("lexintel.progress.streams", "{stream}", "Streams that are open, by transport.");
        _streamDuration = _meter.CreateHistogram("lexintel.progress.stream.duration", "s", "How long streams were open, by transport and by why they ended.", advice: Lifetimes);
        _streamsRefused = Counter("streams.refused", "{stream}", "Streams that were refused for the moment because of a limit, by reason.");
    }

    /// <summary>Whether somebody wants to know how old states are; the clock is read only then.</summary>
    public bool IsLagWanted => _lag.Enabled;

    public void UpdateReported() => Add(_reported);

    public void UpdateConflated() => Add(_conflated);

    public void UpdateStored(ProgressStatus status)
    {
        if (_stored.Enabled)
            _stored.Add(1, Statuses[(int)status]);
    }

    public void UpdateRefused(string reason) => _refused.Add(1, Tag("reason", reason));

    public void UpdateDropped(string reason, int count = 1) => _dropped.Add(count, Tag("reason", reason));

    public void Published(TimeSpan duration, bool isTaken) => _publishDuration.Record(duration.TotalSeconds, isTaken ? Succeeded : Failed);

    public void MessageForeign() => Add(_messagesForeign);

    public void MessageDropped(string reason) => _messagesDropped.Add(1, Tag("reason", reason));

    public void Reread(bool wasMissed)
    {
        if (_rereads.Enabled)
            _rereads.Add(1, wasMissed ? Missed : Known);
    }

    public void StateDelivered() => Add(_delivered);

    public void StateConflated() => Interlocked.Increment(ref _skipped);

    /// <summary>A live state was taken. One from the future has a clock that is ahead: it counts as no time at all.</summary>
    public void Delivered(TimeSpan age) => _lag.Record(Math.Max(age.TotalSeconds, 0));

    public void HeartbeatSent() => Add(_heartbeats);

    public void StreamOpened(string transport) => _streams.Add(1, Tag("transport", transport));

    public void StreamEnded(string transport, string reason, TimeSpan duration)
    {
        _streams.Add(-1, Tag("transport", transport));
        _streamDuration.Record(duration.TotalSeconds, Tag("transport", transport), Tag("reason", reason));
    }

    /// <summary>Adds a level that is asked for when somebody looks.</summary>
    public void Observe(string name, string unit, string description, Func<long> level) =>
        _meter.CreateObservableUpDownCounter($"lexintel.progress.{name}", level, unit, description);

    /// <summary>Adds whether one side of the backplane works.</summary>
    public void ObserveBackplane(string side, Func<bool> works) => _sides.Enqueue((Tag("side", side), works));

    public void StreamRefused(string reason) => _streamsRefused.Add(1, Tag("reason", reason));

    public void Dispose()
    {
        // A factory disposes the meters it made.
        if (_ownsMeter)
            _meter.Dispose();
    }

    public static string Reason(StateRejection rejection) => rejection switch
    {
        StateRejection.NotUtf8 => "not_utf8",
        StateRejection.NotJson => "not_json",
        StateRejection.NotAnObject => "not_an_object",
        StateRejection.TooLarge => "too_large",
        StateRejection.OtherDocument => "other_document",
        StateRejection.RepeatedField => "repeated_field",
        StateRejection.ForgedRevision => "forged_revision",
        StateRejection.NotABatch => "not_a_batch",
        _ => "none",
    };

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static void Add(Counter<long> counter)
    {
        if (counter.Enabled)
            counter.Add(1);
    }

    private Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>($"lexintel.progress.{name}", unit, description);
}
