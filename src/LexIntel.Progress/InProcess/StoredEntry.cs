using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.InProcess;

/// <summary>What the in-process backplane holds of one document or batch. <see cref="Take"/> and <see cref="Message"/> need its lock.</summary>
internal abstract class StoredEntry
{
    public Lock Gate { get; } = new();

    public bool IsForgotten { get; set; }

    /// <summary>The stored state; <see langword="null"/> before the first.</summary>
    protected byte[]? Json { get; set; }

    protected ProgressRevision Revision { get; set; }

    public bool IsEmpty => Json is null;

    public abstract bool IsTerminal { get; }

    public long Beat { get; protected set; }

    public abstract OfferResult Take(OfferGroup group, in Offer offer, long now);

    /// <summary>What subscribers get of the state that was taken last.</summary>
    public abstract byte[] Message(OfferGroup group, in Offer offer);

    public ProgressRevision? Renew(long now)
    {
        lock (Gate)
        {
            Beat = now;
            return Json is null ? null : Revision;
        }
    }

    public StoredState? Read(TimeProvider time, TimeSpan retention)
    {
        lock (Gate)
            return Json is null ? null : new(Revision, Json, time.GetElapsedTime(0, Beat), retention - time.GetElapsedTime(Beat));
    }

    public bool IsExpired(TimeProvider time, TimeSpan retention) => time.GetElapsedTime(Beat) > retention;
}
