using System.Buffers;
using System.Runtime.InteropServices;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Backplane;

/// <summary>Offers that travel together. Reused from one round trip to the next.</summary>
internal sealed class OfferGroup
{
    /// <summary>Above this many members of batches a group takes no more offers.</summary>
    private const int ManyMembers = 2_000;

    /// <summary>As soon as it holds so many bytes, too: a state may have 128 KiB.</summary>
    private const int ManyBytes = 2 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<Offer> _offers = [];
    private readonly List<BatchMember> _members = [];

    public TimeSpan Retention { get; init; }

    public Span<Offer> Offers => CollectionsMarshal.AsSpan(_offers);

    public int Count => _offers.Count;

    /// <summary>Why the store took none of them; <see langword="null"/> when it took one. Where a part of it is away, as one master of a Cluster, the others' documents do not wait for its own.</summary>
    public string? WhyNotTaken
    {
        get
        {
            foreach (ref readonly var offer in Offers)
            {
                if (offer.Result.Outcome != OfferOutcome.NotNow)
                    return null;
            }

            return Count == 0 ? null : Offers[0].Result.Error ?? "";
        }
    }

    /// <summary>Whether the store can take some of them only later. What carried these may still be under way, and read their bytes.</summary>
    public bool HasLeft => _offers.Exists(static offer => offer.Result.Outcome == OfferOutcome.NotNow);

    /// <summary>Whether it holds as much as one round trip should carry.</summary>
    /// <param name="size">The most offers.</param>
    public bool IsFull(int size) => _offers.Count >= size || _members.Count >= ManyMembers || _bytes.WrittenCount >= ManyBytes;

    /// <summary>Adds an offer of a document's state.</summary>
    /// <param name="kind">Who numbers the state.</param>
    /// <param name="revision">Its revision; for states that the store numbers, what is known of the document, see <see cref="OfferKind"/>.</param>
    /// <param name="fields">The state.</param>
    /// <param name="publishFull">Whether readers need more than the short form: the steps or the lease have changed.</param>
    public void Add(OfferKind kind, ProgressRevision revision, in StateFields fields, bool publishFull)
    {
        var full = Write(fields, revision, full: true);
        // Whatever its size: readers that got the short form only would hold the newest revision, and never read the store for its steps.
        var shortForm = publishFull ? default : Write(fields, revision, full: false);
        _offers.Add(new()
        {
            Subject = fields.DocumentId,
            Kind = kind,
            Revision = revision,
            Run = fields.Run,
            Status = fields.Status,
            Percent = fields.Percent,
            BatchId = fields.BatchId,
            BatchWeight = fields.BatchWeight,
            FullRange = full,
            ShortRange = shortForm,
        });
    }

    /// <summary>Adds an offer of members of a batch.</summary>
    public void Add(string batchId, BatchClaim claim, IReadOnlyCollection<BatchMember> members)
    {
        _offers.Add(new()
        {
            Subject = Subject.Batch(batchId),
            Kind = OfferKind.Members,
            Batch = claim with { MemberRange = (_members.Count, members.Count) },
        });
        _members.AddRange(members);
    }

    /// <summary>
    /// Adds the renewal of a document, to a group of renewals only: Redis lets a script that has written something go on when its memory is
    /// full, so that states behind a renewal would be stored beyond it.
    /// </summary>
    public void AddRenewal(Subject document) => _offers.Add(new() { Subject = document, Kind = OfferKind.Renewal });

    /// <summary>The state in full form.</summary>
    public ReadOnlyMemory<byte> Full(in Offer offer) => Slice(offer.FullRange);

    /// <summary>The same in short form; empty when the full form is to be published.</summary>
    public ReadOnlyMemory<byte> Short(in Offer offer) => Slice(offer.ShortRange);

    /// <summary>The members of a batch that are offered.</summary>
    public ReadOnlySpan<BatchMember> Members(in Offer offer) =>
        CollectionsMarshal.AsSpan(_members).Slice(offer.Batch.MemberRange.Start, offer.Batch.MemberRange.Length);

    public void Clear()
    {
        _offers.Clear();
        _members.Clear();
        _bytes.ResetWrittenCount();
    }

    private ReadOnlyMemory<byte> Slice((int Start, int Length) range) => _bytes.WrittenMemory.Slice(range.Start, range.Length);

    private (int, int) Write(in StateFields fields, ProgressRevision revision, bool full)
    {
        var start = _bytes.WrittenCount;
        StateWriter.WriteStored(_bytes, fields, revision, full);
        return (start, _bytes.WrittenCount - start);
    }
}
