using System.Globalization;
using System.Text;
using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.InProcess;

/// <summary>The state of one document, with the rules of <c>offer.lua</c>.</summary>
internal sealed class StoredDocument : StoredEntry
{
    private int _run;
    private ProgressStatus _status;

    public override bool IsTerminal => Json is not null && _status.IsTerminal;

    public override OfferResult Take(OfferGroup group, in Offer offer, long now)
    {
        var isStored = Json is not null;
        ProgressRevision revision;
        switch (offer.Kind)
        {
            case OfferKind.Numbered:
                revision = offer.Revision;
                // A plain update may have taken the caller's number: what is stored is the caller's only if it is this state.
                if (isStored && revision == Revision && Json.AsSpan().EndsWith(group.Full(offer).Span))
                    return new(OfferOutcome.Repeated, Revision, _run);
                if (isStored && revision <= Revision)
                    return new(OfferOutcome.Refused, Revision, _run);
                break;
            case OfferKind.NewAttempt:
                revision = new(isStored ? Math.Max(offer.Revision.Attempt, Revision.Attempt + 1) : offer.Revision.Attempt, 1);
                break;
            default:
                if (isStored && IsTerminal && !offer.IsTerminal)
                    return new(OfferOutcome.Refused, Revision, _run);
                revision = isStored ? Revision with { Number = Revision.Number + 1 } : offer.Revision with { Number = 1 };
                break;
        }

        // What was only waiting has not run yet.
        var isAnotherRun = isStored && revision.Attempt > Revision.Attempt && _status != ProgressStatus.Pending;
        var run = !isStored ? 1 : isAnotherRun ? _run + 1 : _run;
        _run = Math.Max(run, offer.Run);
        Revision = revision;
        Json = Prepend(group.Full(offer).Span);
        _status = offer.Status;
        Beat = now;
        return new(OfferOutcome.Accepted, Revision, _run);
    }

    public override byte[] Message(OfferGroup group, in Offer offer) =>
        group.Short(offer) is { IsEmpty: false } body ? Prepend(body.Span) : Json!;

    private byte[] Prepend(ReadOnlySpan<byte> body)
    {
        var run = _run > 1 ? string.Create(CultureInfo.InvariantCulture, $"\"run\":{_run},") : "";
        var head = $"{{\"revision\":\"{Revision}\",{run}";
        var json = new byte[head.Length + body.Length];
        Encoding.ASCII.GetBytes(head, json);
        body.CopyTo(json.AsSpan(head.Length));
        return json;
    }
}
