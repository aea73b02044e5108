using LexIntel.Progress.Hub;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// One client's stream of one or many documents, or of a batch: empties a mailbox into a transport until all documents are finished, the client leaves
/// or the host stops. What is said, and when, is decided here and nowhere else; a transport only knows how.
/// </summary>
/// <param name="mailbox">What the client watches.</param>
/// <param name="transport">Where it goes.</param>
/// <param name="guard">What the client may see.</param>
/// <param name="denials">What was asked for and is not shown; said first.</param>
/// <param name="greets">Whether to say <c>connected</c> of a document of which nothing is known: existing pages wait for it.</param>
/// <param name="streams">All streams of the host.</param>
internal sealed class ProgressStream(Mailbox mailbox, IStreamTransport transport, StreamGuard guard, IReadOnlyList<Denial> denials, bool greets, OpenStreams streams)
{
    /// <summary>How long a client may take to read the farewell, or to answer it; a host that stops has no more time.</summary>
    public static readonly TimeSpan ClosingLimit = TimeSpan.FromMilliseconds(500);

    private readonly StreamRecord _record = new(transport.Name, streams);
    private readonly long _endsAt = streams.NextEnd();
    private readonly bool _canLoseAccess = guard.CanLoseAccess;
    private long _wroteAt = streams.Time.GetTimestamp();
    private ProgressRevision? _newestEnd;
    private bool _hasWritten;
    private bool _isDegraded;

    /// <summary>Makes the stream look at everything.</summary>
    public void Wake() => mailbox.Wake();

    /// <summary>Wakes the stream when a heartbeat, a check of its access or its end is due.</summary>
    public void WakeWhenDue(long now)
    {
        if (IsSilentAt(now) || now >= _endsAt || (_canLoseAccess && guard.IsDue))
            mailbox.Wake();
    }

    private bool IsSilent => IsSilentAt(streams.Time.GetTimestamp());

    private bool IsOld => streams.Time.GetTimestamp() >= _endsAt;

    public async Task RunAsync()
    {
        using var leave = transport.Left.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
        streams.Add(this);
        try
        {
            transport.WriteRetry(streams.UsualRetry());
            foreach (var denial in denials)
                WriteDenied(denial);
            while (!transport.Left.IsCancellationRequested)
            {
                await transport.TakeCommandsAsync().ConfigureAwait(false);
                var isOver = (guard.IsDue && await HasLostAccessAsync().ConfigureAwait(false)) || WriteNews();
                if (!await FlushAsync().ConfigureAwait(false) || isOver)
                    return;
                await mailbox.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            streams.Remove(this);
            _record.End();
        }
    }

    /// <summary>
    /// Asks again what the client may see, and says what it may not any more. Nothing else but heartbeats is written meanwhile: a state that comes while a
    /// check is under way waits for its answer. <see langword="true"/> when bye was said, or there is nobody to say it to.
    /// </summary>
    private async ValueTask<bool> HasLostAccessAsync()
    {
        if (guard.IsRecheckDue)
        {
            List<Denial> withdrawn = [];
            foreach (var watch in mailbox.GetWatches())
            {
                // Many slow checks must not look like a dead stream.
                if (IsSilent)
                {
                    WriteHeartbeat();
                    if (!await FlushAsync().ConfigureAwait(false))
                        return true;
                }

                var access = await guard.RecheckAsync(watch.Topic.Subject).ConfigureAwait(false);
                if (access == ProgressAccess.Allowed)
                    continue;
                if (access == ProgressAccess.Undecided)
                    return streams.Stopping.IsCancellationRequested ? WriteShutdown() : WriteBye("access-undecided");
                End(watch);
                withdrawn.Add(new(ProgressResource.Of(watch.Topic.Subject), access, Limit: null));
            }

            guard.Renew();
            if (withdrawn.Count > 0 && mailbox.WatchCount == 0 && transport.EndsWithDocuments)
                return WriteBye("denied");
            withdrawn.ForEach(WriteDenied);
        }

        return guard.HasExpired && WriteBye("auth-expired");
    }

    /// <summary><see langword="false"/> when there is nobody to read. A client that does not read must not hold up the host's end.</summary>
    private ValueTask<bool> FlushAsync() => streams.Stopping.IsCancellationRequested ? FlushLastAsync() : transport.FlushAsync(streams.Stopping);

    private async ValueTask<bool> FlushLastAsync()
    {
        using var limit = new CancellationTokenSource(ClosingLimit, streams.Time);
        return await transport.FlushAsync(limit.Token).ConfigureAwait(false);
    }

    private bool WriteBye(string reason)
    {
        transport.WriteBye(_record.EndReason = reason, streams.UsualRetry());
        return true;
    }

    private bool WriteShutdown()
    {
        transport.WriteBye(_record.EndReason = "shutdown", streams.DrainRetry());
        return true;
    }

    /// <summary>Writes whatever there is to say. <see langword="true"/> when it was the last.</summary>
    private bool WriteNews()
    {
        while (mailbox.TryTake(out var delivery))
        {
            Write(delivery);
            delivery.Release();
            if (transport.IsFull)
            {
                // The rest after the flush: what waits in the mailbox is replaced by what is newer, what is written is not.
                mailbox.Wake();
                break;
            }
        }

        if (mailbox.WatchCount == 0 && transport.EndsWithDocuments)
        {
            transport.WriteEnd(_newestEnd);
            _record.EndReason = "finished";
            return true;
        }

        // After what was still to say, as far as it fits into one flush: the next host has the rest, and nobody may hold up this one's end.
        if (streams.Stopping.IsCancellationRequested)
            return WriteShutdown();

        if (IsOld)
        {
            transport.WriteBye(_record.EndReason = "max-age", streams.QuickRetry());
            return true;
        }

        WriteHealth();
        if (!_hasWritten || IsSilent)
            WriteHeartbeat();
        return false;
    }

    private void Write(in Delivery delivery)
    {
        if (delivery.State is { } state)
        {
            transport.WriteState(state, delivery.Full);
            _record.Deliver(state);
            SetWritten();
            if (state.IsTerminal)
            {
                End(delivery.Watch);
                return;
            }
        }

        if (delivery.Look)
            WriteObserved(delivery.Watch);
    }

    /// <summary>Says what has changed of a document that is not a state of it.</summary>
    private void WriteObserved(Watch watch)
    {
        var topic = watch.Topic;
        if (watch.IsFinished)
        {
            // The client has the end already, and was cut off before it learned that it was the end.
            End(watch);
            return;
        }

        if (topic.IsUnknown)
        {
            WriteEvent(StreamEvent.Denied(topic.Subject, 404));
            End(watch);
            return;
        }

        // Said when it is true: the document is subscribed and nothing is known, so whatever is published now will come.
        if (greets && topic.IsOpened)
        {
            greets = false;
            if (topic.Current is null && !topic.Subject.IsBatch)
                WriteEvent(StreamEvent.Connected(topic.Subject.Id, streams.Time.GetUtcNow()));
        }

        var stalledSince = topic.StalledSince;
        if (stalledSince is not null != watch.IsSaidToBeStalled)
        {
            watch.IsSaidToBeStalled = !watch.IsSaidToBeStalled;
            WriteEvent(stalledSince is { } since ? StreamEvent.Stalled(topic.Subject.Id, since) : StreamEvent.Resumed(topic.Subject.Id));
        }
    }

    /// <summary>Says whether the backplane can be read, when that has changed.</summary>
    private void WriteHealth()
    {
        var degradation = streams.Hub.Degradation;
        if (degradation is not null != _isDegraded)
        {
            _isDegraded = !_isDegraded;
            WriteEvent(degradation is not null ? StreamEvent.Degraded(degradation) : StreamEvent.Recovered);
        }
    }

    /// <summary>Nothing more comes of a document: its terminal state is the last.</summary>
    private void End(Watch watch)
    {
        if (watch.Last is { } last && !(_newestEnd >= last))
            _newestEnd = last;
        watch.Dispose();
        transport.Forget(watch);
        guard.Release(watch.Topic.Subject);
    }

    private bool IsSilentAt(long now) => streams.Time.GetElapsedTime(Volatile.Read(ref _wroteAt), now) >= streams.Options.HeartbeatInterval;

    private void WriteHeartbeat()
    {
        WriteEvent(StreamEvent.Heartbeat);
        _record.Beat();
    }

    private void WriteDenied(Denial denial) => WriteEvent(StreamEvent.Denied(denial.Resource.Subject, denial.Status));

    private void WriteEvent(StreamEvent streamEvent)
    {
        transport.WriteEvent(streamEvent);
        SetWritten();
    }

    private void SetWritten()
    {
        _hasWritten = true;
        Volatile.Write(ref _wroteAt, streams.Time.GetTimestamp());
    }
}
