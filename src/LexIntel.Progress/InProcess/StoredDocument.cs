using System.Buffers;
using System.Globalization;
using System.Text;
using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.InProcess;

/// <summary>What the in-process backplane holds of one document. <see cref="Take"/> and <see cref="Message"/> need its lock.</summary>
internal sealed class StoredDocument
{
    private byte[]? _json;
    private ProgressRevision _revision;
    private int _run;

    public Lock Gate { get; } = new();

    public bool IsForgotten { get; set; }

    public bool IsEmpty => _json is null;

    public bool IsTerminal { get; private set; }

    public long Beat { get; private set; }

    public OfferResult Take(OfferGroup group, in Offer offer, long now)
    {
        var isStored = _json is not null;
        ProgressRevision revision;
        switch (offer.Kind)
        {
            case OfferKind.Numbered:
                revision = offer.Revision;
                if (isStored && revision == _revision)
                    return new(OfferOutcome.Repeated, _revision, _run);
                if (isStored && revision < _revision)
                    return new(OfferOutcome.Refused, _revision, _run);
                break;
            case OfferKind.NewAttempt:
                revision = new(isStored ? Math.Max(offer.Revision.Attempt, _revision.Attempt + 1) : offer.Revision.Attempt, 1);
                break;
            default:
                if (isStored && IsTerminal && !offer.IsTerminal)
                    return new(OfferOutcome.Refused, _revision, _run);
                revision = isStored ? _revision with { Number = _revision.Number + 1 } : offer.Revision with { Number = 1 };
                break;
        }

        var run = !isStored ? 1 : revision.Attempt > _revision.Attempt ? _run + 1 : _run;
        _run = Math.Max(run, offer.Run);
        _revision = revision;
        _json = Prepend(group.Full(offer).Span);
        IsTerminal = offer.IsTerminal;
        Beat = now;
        return new(OfferOutcome.Accepted, _revision, _run);
    }

    /// <summary>What subscribers get of the state that was taken last.</summary>
    public byte[] Message(OfferGroup group, in Offer offer) =>
        group.Short(offer) is { IsEmpty: false } body ? Prepend(body.Span) : _json!;

    public ProgressRevision? Renew(long now)
    {
        lock (Gate)
        {
            Beat = now;
            return _json is null ? null : _revision;
        }
    }

    public StoredState? Read(TimeProvider time, TimeSpan retention)
    {
        lock (Gate)
            return _json is null ? null : new(_json, Beat, retention - time.GetElapsedTime(Beat));
    }

    public bool IsExpired(TimeProvider time, TimeSpan retention) => time.GetElapsedTime(Beat) > retention;

    private byte[] Prepend(ReadOnlySpan<byte> body)
    {
        var run = _run > 1 ? string.Create(CultureInfo.InvariantCulture, $"\"run\":{_run},") : "";
        var head = $"{{\"revision\":\"{_revision}\",{run}";
        var json = new byte[head.Length + body.Length];
        Encoding.ASCII.GetBytes(head, json);
        body.CopyTo(json.AsSpan(head.Length));
        return json;
    }
}
