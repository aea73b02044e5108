namespace LexIntel.Progress.Publishing;

/// <summary>The flushes that wait. Only the pump uses it.</summary>
internal sealed class Flushes
{
    private readonly List<FlushRequest> _waiting = [];

    /// <summary>Whether somebody waits until everything is stored, so that nothing waits for its interval.</summary>
    public bool AreWaiting => _waiting.Count > 0;

    /// <summary>Begins those that were asked for, and lets go of those that are over.</summary>
    public void Begin(Outbox outbox)
    {
        while (outbox.TryTakeFlush(out var flush))
        {
            _waiting.Add(flush);
            flush.Begin(outbox.Entries);
        }

        _waiting.RemoveAll(static flush => flush.IsOver);
    }

    /// <inheritdoc cref="FlushRequest.Offered"/>
    public void Offered(OutboxEntry entry)
    {
        foreach (var flush in _waiting)
            flush.Offered(entry);
    }

    /// <inheritdoc cref="FlushRequest.Settled"/>
    public void Settled(OutboxEntry entry)
    {
        foreach (var flush in _waiting)
            flush.Settled(entry);
    }

    /// <inheritdoc cref="FlushRequest.Follow"/>
    public void Follow(OutboxEntry entry, OutboxEntry batch)
    {
        foreach (var flush in _waiting)
            flush.Follow(entry, batch);
    }
}
