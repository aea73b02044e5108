using System.Buffers;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.InProcess;

/// <summary>The members of one batch and what they add up to, with the rules of <c>batch.lua</c>.</summary>
internal sealed class StoredBatch : StoredEntry
{
    private readonly Dictionary<string, BatchMember> _members = new(StringComparer.Ordinal);
    private readonly int[] _counts = new int[(int)ProgressStatus.Cancelled + 1];
    private int _expected;
    private long _weight;
    private long _done;
    private long _started;

    public override bool IsTerminal => Json is not null && Tally is { Total: > 0, Open: 0 };

    /// <summary>How many members it holds.</summary>
    public int Count => _members.Count;

    private int Ended => Of(ProgressStatus.Completed) + Of(ProgressStatus.Failed) + Of(ProgressStatus.Cancelled);

    private BatchTally Tally => new(Math.Max(_expected, _members.Count), Ended, _started);

    public override OfferResult Take(OfferGroup group, in Offer offer, long now)
    {
        var claim = offer.Batch;
        if (IsEmpty && !claim.MayCreate)
            return new(OfferOutcome.Refused);
        Beat = now;
        var hasForgotten = IsEmpty || (claim.Known is { } known && Revision < known);
        var hasChanged = hasForgotten || claim.Expected > _expected;
        _expected = Math.Max(_expected, claim.Expected);
        var clock = claim.Now.ToUnixTimeMilliseconds();
        if (hasForgotten)
            Revision = new(Math.Max(clock, (claim.Known?.Attempt ?? 0) + 1), 0);
        if (claim.Started > 0 && (_started == 0 || claim.Started < _started))
            _started = claim.Started;

        var dropped = 0;
        foreach (var member in group.Members(offer))
        {
            if (_members.TryGetValue(member.DocumentId, out var present))
            {
                if (member.Revision <= present.Revision)
                    continue;
                Add(present, -1);
            }
            else if (_members.Count >= BatchLimits.Members)
            {
                dropped++;
                continue;
            }

            _members[member.DocumentId] = member;
            Add(member, 1);
            hasChanged = true;
        }

        if (_started == 0 && Of(ProgressStatus.Processing) + Ended > 0)
            _started = clock;
        if (!hasChanged)
            return new(OfferOutcome.Repeated, Revision, Tally: Tally with { Dropped = dropped });
        Revision = Revision with { Number = Revision.Number + 1 };
        Json = Write(offer.Subject.Id, claim.Now);
        return new(OfferOutcome.Accepted, Revision, Tally: Tally with { Dropped = dropped });
    }

    public override byte[] Message(OfferGroup group, in Offer offer) => Json!;

    private void Add(in BatchMember member, int sign)
    {
        _counts[(int)(member.Status == ProgressStatus.Retrying ? ProgressStatus.Processing : member.Status)] += sign;
        _weight += sign * member.Weight;
        _done += (long)sign * member.Weight * member.Progress;
    }

    private int Of(ProgressStatus status) => _counts[(int)status];

    private byte[] Write(string batchId, DateTimeOffset now)
    {
        var (total, ended, _, _) = Tally;
        var isFinished = total > 0 && ended == total;
        // Documents that are only expected are taken to weigh what the known ones do on average.
        var share = _weight == 0 ? 0 : (double)_done / _weight * ((double)_members.Count / total);
        var processing = Of(ProgressStatus.Processing);
        StateFields fields = new()
        {
            DocumentId = batchId,
            Revision = Revision,
            Status = isFinished ? ProgressStatus.Completed : ProgressStatus.Processing,
            Percent = Math.Floor(share + 0.5) / 10,
            Timestamp = now,
            Remaining = isFinished ? null : Remaining(share, now),
            Counts = new(total, total - processing - ended, processing, Of(ProgressStatus.Completed), Of(ProgressStatus.Failed), Of(ProgressStatus.Cancelled)),
        };
        var output = new ArrayBufferWriter<byte>(256);
        BatchWriter.Write(output, fields);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// At the average speed since the work began: of many documents that is the calmest measure there is, and since the store makes it, all
    /// publishers and readers have the same.
    /// </summary>
    private TimeSpan? Remaining(double share, DateTimeOffset now)
    {
        var elapsed = TimeSpan.FromMilliseconds(now.ToUnixTimeMilliseconds() - _started);
        if (_started == 0 || elapsed < BatchLimits.SettlingTime || share < BatchLimits.SettlingProgress)
            return null;
        var seconds = Math.Ceiling(elapsed.TotalSeconds * (BatchMember.Whole - share) / share);
        return seconds <= BatchLimits.LongestRemaining.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
