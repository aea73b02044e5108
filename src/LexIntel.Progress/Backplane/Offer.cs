namespace LexIntel.Progress.Backplane;

/// <summary>Who gives a state its revision.</summary>
internal enum OfferKind
{
    /// <summary>A job: the revision is given, and compared.</summary>
    Numbered,

    /// <summary>The store: the next number of the present attempt. Refused when that has ended and the state is not terminal itself.</summary>
    Next,

    /// <summary>The store: number 1 of a new attempt.</summary>
    NewAttempt,
}

/// <summary>What became of an offer.</summary>
internal enum OfferOutcome
{
    /// <summary>Nothing is known: the call failed.</summary>
    Unknown,

    /// <summary>Stored and published; <see cref="OfferResult.Revision"/> is its own.</summary>
    Accepted,

    /// <summary>It is what was stored already.</summary>
    Repeated,

    /// <summary>Something newer is stored: <see cref="OfferResult.Revision"/>.</summary>
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
internal readonly record struct OfferResult(OfferOutcome Outcome, ProgressRevision Revision = default, int Run = 0, string? Error = null);

/// <summary>A state on its way to the store.</summary>
internal struct Offer
{
    public string DocumentId;
    public OfferKind Kind;
    public ProgressRevision Revision;
    public int Run;
    public ProgressStatus Status;
    public (int Start, int Length) FullRange;
    public (int Start, int Length) ShortRange;
    public OfferResult Result;

    public readonly bool IsTerminal => Status.IsTerminal;
}
