namespace LexIntel.Progress.Backplane;

/// <summary>What is offered, and who gives it its revision.</summary>
internal enum OfferKind
{
    /// <summary>A job's state: the revision is given, and compared.</summary>
    Numbered,

    /// <summary>
    /// The store: the next number of the present attempt. Refused when that has ended and the state is not terminal itself. The revision says what its
    /// publisher knows: with number 1 nothing, and the attempt is the one to begin if there is none; with a higher one, that the number before it
    /// was stored, or may have been: a store that has forgotten it goes on above it.
    /// </summary>
    Next,

    /// <summary>The store: number 1 of a new attempt. With a higher number it was offered before: if that attempt is stored, this is its next number.</summary>
    NewAttempt,

    /// <summary>Members of a batch, each with its document's revision, which is compared; the store numbers the aggregate.</summary>
    Members,

    /// <summary>Nothing new: the life of what is stored of a document is prolonged, which is the beat of its lease. Repeated; or refused, without a revision, where nothing is stored.</summary>
    Renewal,
}

/// <summary>What became of an offer.</summary>
internal enum OfferOutcome
{
    /// <summary>Nothing is known: the call failed.</summary>
    Unknown,

    /// <summary>Stored and published; <see cref="OfferResult.Revision"/> is its own.</summary>
    Accepted,

    /// <summary>This very state was stored already.</summary>
    Repeated,

    /// <summary>Something newer, or another state of this revision, is stored: <see cref="OfferResult.Revision"/>. Of a renewal: nothing is. Of a batch: it is not there, and was only looked at.</summary>
    Refused,

    /// <summary>The store cannot take this document at all, whatever is offered; <see cref="OfferResult.Error"/> says why.</summary>
    Impossible,

    /// <summary>The store cannot take anything now; <see cref="OfferResult.Error"/> says why. Offer again later.</summary>
    NotNow,
}

/// <param name="Outcome">What became of the offer.</param>
/// <param name="Revision">The revision that is stored now.</param>
/// <param name="Run">Its run.</param>
/// <param name="Error">The store's words.</param>
/// <param name="Tally">Of a batch: how it stands now.</param>
internal readonly record struct OfferResult(OfferOutcome Outcome, ProgressRevision Revision = default, int Run = 0, string? Error = null, BatchTally Tally = default);

/// <summary>A state, members of a batch, or a sign of life on the way to the store.</summary>
internal struct Offer
{
    public Subject Subject;
    public OfferKind Kind;
    public ProgressRevision Revision;
    public int Run;
    public ProgressStatus Status;
    public double Percent;
    public string? BatchId;
    public double BatchWeight;
    public (int Start, int Length) FullRange;
    public (int Start, int Length) ShortRange;
    public BatchClaim Batch;
    public OfferResult Result;

    public readonly bool IsTerminal => Status.IsTerminal;
}
