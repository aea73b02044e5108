using System.Diagnostics.Metrics;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Diagnostics;

/// <summary>The instruments. No ids on them: their number has no bound.</summary>
internal sealed class ProgressMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _messagesDropped;
    private readonly Counter<long> _streamsRefused;

    public ProgressMetrics(IMeterFactory? meters = null)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(ProgressDiagnostics.MeterName) ?? new Meter(ProgressDiagnostics.MeterName);
        _stored = _meter.CreateCounter<long>("lexintel.progress.updates.stored", "{update}", "Updates that the store accepted.");
        _refused = _meter.CreateCounter<long>("lexintel.progress.updates.refused", "{update}", "Updates that came after the end of their attempt, or after a newer one.");
        _dropped = _meter.CreateCounter<long>("lexintel.progress.updates.dropped", "{update}", "Updates that were given up, by reason.");
        _messagesDropped = _meter.CreateCounter<long>("lexintel.progress.messages.dropped", "{message}", "Messages on a channel that no reader may see, by reason.");
        _streamsRefused = _meter.CreateCounter<long>("lexintel.progress.streams.refused", "{stream}", "Streams that were refused for the moment because of a limit, by reason.");
    }

    public void UpdateStored() => _stored.Add(1);

    public void UpdateRefused() => _refused.Add(1);

    public void UpdateDropped(string reason, int count = 1) => _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason));

    public void MessageDropped(string reason) => _messagesDropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void StreamRefused(string reason) => _streamsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

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
}
