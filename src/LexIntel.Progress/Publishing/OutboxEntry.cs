using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// The slot of one document or batch in the outbox. Whoever changes its state marks it; the pump, and only the pump, offers what is newest. Between
/// the mark and the offer any number of changes cost nothing.
/// </summary>
internal abstract class OutboxEntry(Subject subject)
{
    private volatile bool _isInFlight;
    private int _urgency;

    public Subject Subject { get; } = subject;

    /// <summary>Whether its state is an end, which is sent first and dropped last.</summary>
    public abstract bool IsFinal { get; }

    /// <summary>Whether something of it is stored that the store must not forget.</summary>
    public abstract bool NeedsRenewal { get; }

    /// <summary>Whether all it has to say is stored, and it only remembers what that goes on with.</summary>
    public virtual bool CanRest => false;

    /// <summary>The trace that its state comes from; <see langword="null"/> when nothing is traced.</summary>
    public virtual string? Trace => null;

    /// <summary>What was reported last; <see langword="null"/> for a batch, which nobody reports.</summary>
    public virtual StateFields? Reported => null;

    /// <summary>When it was offered last, by the clock's timestamps. Only the pump uses it.</summary>
    public long LastOffered { get; set; } = long.MinValue;

    /// <summary>When an offer or renewal was sent that the store took, last, by the clock's timestamps: its life began anew then. Before, when the pump saw it first. Only the pump uses it.</summary>
    public long BeatAt { get; set; }

    /// <summary>When <see cref="Renewals"/> look at it next, by the clock's timestamps; far away until they know it. Only the pump changes it.</summary>
    public long LookAt { get; set; } = long.MaxValue;

    /// <summary>Whether there is news that the pump has not taken.</summary>
    public bool IsDirty => Urgency != Urgency.None;

    public Urgency Urgency => (Urgency)Volatile.Read(ref _urgency);

    /// <summary>Whether an offer of it is under way. The pump sets it before it takes the mark away, so that its news is always in one of the two.</summary>
    public bool IsInFlight
    {
        get => _isInFlight;
        set => _isInFlight = value;
    }

    /// <summary>Whether there is news that is not known to be stored.</summary>
    public bool IsUnsent => IsDirty || IsInFlight;

    /// <summary>Whether it was due while an offer of it was under way, and waits for the answer. Only the pump uses it.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Notes that there is news. <see langword="true"/> when the pump does not know yet, or not how urgent it is.</summary>
    public bool TryMark(Urgency urgency)
    {
        while (true)
        {
            var present = Volatile.Read(ref _urgency);
            if (present >= (int)urgency)
                return false;
            if (Interlocked.CompareExchange(ref _urgency, (int)urgency, present) == present)
                return true;
        }
    }

    /// <summary>Takes the mark away; news after this moment marks it anew. Only the pump does that.</summary>
    public void Unmark() => Interlocked.Exchange(ref _urgency, 0);

    /// <summary>Adds the newest state to the group; <see langword="false"/> when there is nothing to say any more.</summary>
    public abstract bool TryOffer(OfferGroup group);

    /// <summary>Learns what became of the offer. <see langword="true"/> when there must be another.</summary>
    public abstract bool Settle(in OfferResult result);

    /// <summary>Learns what is stored now. <see langword="true"/> when that is less than what was stored before, and must be offered again.</summary>
    public abstract bool Renewed(ProgressRevision? stored);

    /// <summary>Whether it can leave the outbox, because all it has to say is stored. From then on it takes nothing.</summary>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="keep">How long an end is kept after it was stored, for the case that the store forgets; zero when its room is needed.</param>
    public abstract bool TryRetire(long now, TimeSpan keep);
}
