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
                if (isStored && revision == Revision && Json.AsSpan().EndsWith(Body(group.Full(offer), offer).Span))
                    return new(OfferOutcome.Repeated, Revision, _run);
                if (isStored && revision <= Revision)
                    return new(OfferOutcome.Refused, Revision, _run);
                break;
            case var _ when !isStored:
                revision = offer.Revision;
                break;
            case OfferKind.NewAttempt when offer.Revision.Number == 1 || offer.Revision.Attempt != Revision.Attempt:
                revision = offer.Revision.Attempt > Revision.Attempt ? offer.Revision : new(Revision.Attempt + 1, 1);
                break;
            // Stored before, or perhaps, and forgotten: goes on above it.
            case var _ when offer.Revision.Number > 1 && offer.Revision.Attempt > Revision.Attempt:
                revision = offer.Revision;
                break;
            default:
                if (IsTerminal && !offer.IsTerminal)
                    return new(OfferOutcome.Refused, Revision, _run);
                var following = Revision with { Number = Revision.Number + 1 };
                revision = offer.Revision > following && offer.Revision.Attempt == Revision.Attempt ? offer.Revision : following;
                break;
        }

        // What was only waiting has not run yet.
        var isAnotherRun = isStored && revision.Attempt > Revision.Attempt && _status != ProgressStatus.Pending;
        var run = !isStored ? 1 : isAnotherRun ? _run + 1 : _run;
        _run = Math.Max(run, offer.Run);
        Revision = revision;
        Json = Decided(group.Full(offer), offer);
        _status = offer.Status;
        Beat = now;
        return new(OfferOutcome.Accepted, Revision, _run);
    }

    public override byte[] Message(OfferGroup group, in Offer offer) =>
        group.Short(offer) is { IsEmpty: false } json ? Decided(json, offer) : Json!;

    /// <summary>The state with the revision and the run that are decided.</summary>
    private byte[] Decided(ReadOnlyMemory<byte> json, in Offer offer) => offer.Revision == Revision && Math.Max(offer.Run, 1) == _run
        ? json.ToArray()
        : [.. Encoding.ASCII.GetBytes(Head(Revision, _run)), .. Body(json, offer).Span];

    /// <summary>The state from its status on.</summary>
    private static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> json, in Offer offer) => json[Head(offer.Revision, offer.Run).Length..];

    private static string Head(ProgressRevision revision, int run) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"revision\":\"{revision}\",{(run > 1 ? $"\"run\":{run}," : "")}");
}
