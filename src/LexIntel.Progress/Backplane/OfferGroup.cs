using System.Buffers;
using System.Runtime.InteropServices;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Backplane;

/// <summary>Offers that travel together. Reused from one round trip to the next.</summary>
internal sealed class OfferGroup
{
    /// <summary>Room for the revision and the run, which the store puts in front.</summary>
    private const int HeadBytes = 96;

    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);
    private readonly List<Offer> _offers = [];

    public TimeSpan Retention { get; init; }

    public Span<Offer> Offers => CollectionsMarshal.AsSpan(_offers);

    public int Count => _offers.Count;

    /// <summary>Adds an offer.</summary>
    /// <param name="kind">Who numbers the state.</param>
    /// <param name="revision">Its revision; for states that the store numbers, the attempt to begin if there is none.</param>
    /// <param name="fields">The state.</param>
    /// <param name="publishFull">Whether readers need more than the short form: the steps or the lease have changed.</param>
    public void Add(OfferKind kind, ProgressRevision revision, in StateFields fields, bool publishFull)
    {
        var full = WriteBody(fields, full: true);
        // What is larger than a message may be would be dropped by every reader; they find the steps when they read the store.
        var shortForm = publishFull && full.Item2 <= StateLimits.MessageBytes - HeadBytes ? default : WriteBody(fields, full: false);
        _offers.Add(new()
        {
            DocumentId = fields.DocumentId,
            Kind = kind,
            Revision = revision,
            Run = fields.Run,
            Status = fields.Status,
            FullRange = full,
            ShortRange = shortForm,
        });
    }

    /// <summary>The state in full form, from behind <c>revision</c> and <c>run</c> to the end.</summary>
    public ReadOnlyMemory<byte> Full(in Offer offer) => Slice(offer.FullRange);

    /// <summary>The same in short form; empty when the full form is to be published.</summary>
    public ReadOnlyMemory<byte> Short(in Offer offer) => Slice(offer.ShortRange);

    public void Clear()
    {
        _offers.Clear();
        _bytes.ResetWrittenCount();
    }

    private ReadOnlyMemory<byte> Slice((int Start, int Length) range) => _bytes.WrittenMemory.Slice(range.Start, range.Length);

    private (int, int) WriteBody(in StateFields fields, bool full)
    {
        // The opening brace belongs to the store, which puts the revision behind it.
        var start = _bytes.WrittenCount + 1;
        StateWriter.WriteBody(_bytes, fields, full);
        return (start, _bytes.WrittenCount - start);
    }
}
