using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>
/// What a hub holds of one document, and which of it counts. Stored states are ordered by revision. A foreign message counts while it is
/// newer than the stored state and no job's lease is alive. A state from the host's source counts when there is no other, or when it is
/// an end and the other is not. Not thread-safe.
/// </summary>
internal sealed class Standing
{
    private State? _stored;
    private State? _foreign;
    private DateTimeOffset _foreignTime;
    private State? _source;

    /// <summary>The state that counts; <see langword="null"/> when nothing is known.</summary>
    public State? Current { get; private set; }

    /// <summary>The newest stored state.</summary>
    public State? Stored => _stored;

    /// <summary>Offers a state. <see langword="true"/> when it is what counts now.</summary>
    /// <param name="state">The state.</param>
    /// <param name="isLeaseAlive">Whether the stored state's job is known to be running.</param>
    /// <param name="isLive">Whether it came as a message, just now.</param>
    /// <param name="now">When that is.</param>
    public bool Offer(State state, bool isLeaseAlive, bool isLive, DateTimeOffset now)
    {
        State? replaced = null;
        switch (state.Origin)
        {
            case StateOrigin.Stored:
                if (_stored is { } stored)
                {
                    if (state.Revision <= stored.Revision)
                        return false;
                    if (state.Subject.IsBatch)
                        state = state.WithTotalOf(stored);
                    else if (!state.IsFull && state.Revision!.Value.Attempt == stored.Revision!.Value.Attempt)
                        state.TakeStepsOf(stored);
                    else
                        state.SkipsSteps = state.HasStepsAfter(stored);
                }

                // What arrives after a foreign message, or from a job, which holds its lease, is newer whatever the clocks say.
                if (isLive || (state.Lease > TimeSpan.Zero && _stored is not null))
                    _foreign = null;
                state.Hold();
                (replaced, _stored) = (_stored, state);
                _source = null;
                break;
            case StateOrigin.Foreign:
                // A clock that is ahead must not hide everything that is stored from now on.
                var time = state.Timestamp < now ? state.Timestamp : now;
                if (isLeaseAlive || (_stored is { } before && time <= before.Timestamp))
                    return false;
                (_foreign, _foreignTime) = (Current is { } shown ? state.WithMissingOf(shown) : state, time);
                break;
            default:
                _source = state;
                break;
        }

        var current = Choose();
        var hasChanged = !ReferenceEquals(current, Current) && !(current.Origin == StateOrigin.Source && Current is { Origin: StateOrigin.Source } same && same.SaysTheSameAs(current));
        Current = current;
        replaced?.Release();
        return hasChanged;
    }

    private State Choose()
    {
        var newest = _stored;
        if (_foreign is { } foreign && (newest is null || _foreignTime > newest.Timestamp))
            newest = foreign;
        else
            _foreign = null;
        if (_source is { } source && (newest is null || (source.IsTerminal && !newest.IsTerminal)))
            newest = source;
        return newest!;
    }
}
