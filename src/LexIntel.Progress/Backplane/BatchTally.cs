namespace LexIntel.Progress.Backplane;

/// <summary>How a stored batch stands, for those who offer to it.</summary>
/// <param name="Total">Its documents: as many as are expected or known, whichever is more.</param>
/// <param name="Ended">Those of them that are completed, failed or cancelled.</param>
/// <param name="Started">When the first of them began, in Unix milliseconds by its publisher's clock; 0 when none has.</param>
/// <param name="Dropped">Members of this offer that were not taken because the batch is full.</param>
internal readonly record struct BatchTally(int Total, int Ended, long Started, int Dropped = 0)
{
    /// <summary>Those that have not ended.</summary>
    public int Open => Total - Ended;
}

/// <summary>What a publisher says of a batch besides its members. All of it survives in the publisher when the store forgets.</summary>
/// <param name="Known">The newest revision of the aggregate it has seen: a store that holds an older one has forgotten, and begins a new attempt.</param>
/// <param name="Expected">The greatest total it was told by anybody; 0 when by nobody.</param>
/// <param name="Started">When the work began, in Unix milliseconds; 0 when it does not know.</param>
/// <param name="MayCreate">Whether the batch is made when it is not there; else the offer is a look that also prolongs its life.</param>
/// <param name="Now">The publisher's clock.</param>
/// <param name="MemberRange">Its members in the group.</param>
internal readonly record struct BatchClaim(
    ProgressRevision? Known, int Expected, long Started, bool MayCreate, DateTimeOffset Now, (int Start, int Length) MemberRange = default);
