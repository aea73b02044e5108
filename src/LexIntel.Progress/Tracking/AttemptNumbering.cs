using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Tracking;

/// <summary>What a job does after the store has answered an offer.</summary>
internal enum NumberingVerdict
{
    Stored,
    OfferAgain,
    Superseded,
}

/// <summary>
/// A job numbers its own states: attempt, then 1, 2, 3… Numbers given by the store would let a command that timed out, and is executed
/// late, win over a newer state under a higher number; compared numbers make it a no-op. Not thread-safe.
/// </summary>
internal sealed class AttemptNumbering
{
    /// <summary>
    /// How long a refused beginning is taken for a difference between clocks. Later, or after an outage, a rival began meanwhile.
    /// </summary>
    private static readonly TimeSpan BeginningLimit = TimeSpan.FromSeconds(5);

    private readonly bool _isBeginning;
    private bool _mayMove;

    /// <param name="attempt">The attempt.</param>
    /// <param name="number">The highest number used in it; 0 at its beginning.</param>
    /// <param name="run">Its run; 0 while the store has not said.</param>
    public AttemptNumbering(long attempt, long number, int run) =>
        (Attempt, Number, Run, _mayMove, _isBeginning) = (attempt, number, run, run == 0, number == 0);

    public long Attempt { get; private set; }

    public long Number { get; private set; }

    public int Run { get; private set; }

    public bool IsAcknowledged { get; private set; }

    public ProgressRevision Current => new(Attempt, Number);

    public ProgressRevision Next()
    {
        Number++;
        return Current;
    }

    /// <summary>An offer's outcome is unknown: from here on a refusal may be a rival's work.</summary>
    public void Fail() => _mayMove = false;

    public NumberingVerdict Settle(in OfferResult result, TimeSpan sinceStart)
    {
        if (result.Outcome is OfferOutcome.Accepted or OfferOutcome.Repeated)
        {
            IsAcknowledged = true;
            _mayMove = false;
            Run = result.Run;
            return NumberingVerdict.Stored;
        }

        // Two jobs that begin in the same millisecond have chosen the same attempt; the one that comes second takes the next.
        var isRivalOfSameTime = _isBeginning && _mayMove && result.Revision.Attempt == Attempt;
        if (result.Revision.Attempt > Attempt || isRivalOfSameTime)
        {
            if (!_mayMove || sinceStart > BeginningLimit)
                return NumberingVerdict.Superseded;
            (Attempt, Number) = (result.Revision.Attempt + 1, 0);
        }
        else if (result.Revision.Attempt == Attempt)
        {
            Number = Math.Max(Number, result.Revision.Number);
        }

        return NumberingVerdict.OfferAgain;
    }

    /// <summary>
    /// What a look at the store tells: nothing or less than was stored means that it has forgotten. More means that a plain update has taken
    /// the place of the job's state, without its lease and its steps; after the job's end it may be the next job's, and stays.
    /// </summary>
    public NumberingVerdict Compare(ProgressRevision? stored, bool isEnded)
    {
        if (stored is not { } present || present < Current)
            return NumberingVerdict.OfferAgain;
        if (present.Attempt > Attempt)
            return NumberingVerdict.Superseded;
        if (present == Current || isEnded)
            return NumberingVerdict.Stored;
        Number = present.Number;
        return NumberingVerdict.OfferAgain;
    }
}
