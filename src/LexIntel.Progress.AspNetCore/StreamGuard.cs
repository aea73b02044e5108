using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Stands between one client's stream and what it asks to see: access checks and limits, when it comes and while it stays. Dispose it when the stream ends.</summary>
internal sealed class StreamGuard : IDisposable
{
    private const string Expired = "What you are signed in with has expired. Sign in again, or renew the token.";

    private readonly HttpContext _context;
    private readonly OpenStreams _streams;
    private readonly StreamPermit _permit;
    private readonly StreamAccess? _access;

    private StreamGuard(HttpContext context, OpenStreams streams, StreamPermit permit)
    {
        (_context, _streams, _permit) = (context, streams, permit);
        _access = StreamAccess.Of(context, streams.Options, streams.Time);
    }

    /// <summary>Whether there ever will be something to ask again, or to end.</summary>
    public bool CanLoseAccess => _access is not null;

    /// <summary>Whether there is something to ask again, or to end, now.</summary>
    public bool IsDue => _access is { IsDue: true };

    public bool IsRecheckDue => _access is { IsRecheckDue: true };

    public bool HasExpired => _access is { HasExpired: true };

    /// <summary>Lets one more stream in. <see langword="null"/> when the refusal was written instead.</summary>
    public static async ValueTask<StreamGuard?> EnterAsync(HttpContext context, OpenStreams streams)
    {
        if (streams.Stopping.IsCancellationRequested)
        {
            await Refusal.StreamAsync(context, streams, "shutdown", StatusCodes.Status503ServiceUnavailable, "The host is stopping. Connect again; another host will answer.").ConfigureAwait(false);
            return null;
        }

        // Before anything is read or asked: a flood must not reach the database that checks access.
        if (!streams.Limits.TryEnter(context, out var permit, out var limit))
        {
            await Refusal.StreamAsync(context, streams, limit.Reason, limit.Status, limit.Detail).ConfigureAwait(false);
            return null;
        }

        var guard = new StreamGuard(context, streams, permit);
        if (!guard.HasExpired)
            return guard;
        guard.Dispose();
        // A token may be accepted for minutes past its end, because clocks differ. A stream would end at once, again and again.
        await Refusal.UnauthenticatedAsync(context, Expired).ConfigureAwait(false);
        return null;
    }

    /// <summary>Asks for one more document or batch. Why it may not be watched, or <see langword="null"/> when it may.</summary>
    /// <param name="subject">The document or batch.</param>
    /// <param name="isOpen">Whether the stream is open already: what <c>UseAuthorization()</c> decided when it began may not hold any more.</param>
    public async ValueTask<Denial?> AdmitAsync(Subject subject, bool isOpen = false)
    {
        var resource = ProgressResource.Of(subject);
        var access = isOpen
            ? await _streams.Gate.RecheckAsync(_context, resource).ConfigureAwait(false)
            : await _streams.Gate.CheckAsync(_context, resource).ConfigureAwait(false);
        var limit = access == ProgressAccess.Allowed ? _permit.TryWatch(subject) : null;
        return access == ProgressAccess.Allowed && limit is null ? null : new(resource, access, limit);
    }

    /// <summary>Refuses the request because nothing of it is shown; for the moment, when coming back may help.</summary>
    /// <param name="denials">What was not admitted; the rest does not exist.</param>
    /// <param name="asked">All that was asked for.</param>
    public Task RefuseAsync(IReadOnlyList<Denial> denials, IReadOnlyList<Subject> asked)
    {
        // In the same words whichever of them exist.
        if (denials.All(static denial => denial.Status == StatusCodes.Status404NotFound))
            return Refusal.UnknownAsync(_context, asked);
        var denial = denials.FirstOrDefault(static denial => denial.IsTemporary, denials.First(static denial => denial.Status != StatusCodes.Status404NotFound));
        if (denial.Limit is { } limit)
            return Refusal.StreamAsync(_context, _streams, limit.Reason, limit.Status, limit.Detail);
        return denial.Access == ProgressAccess.Undecided
            ? Refusal.StreamAsync(_context, _streams, "access-undecided", denial.Status, "Whether you may see this cannot be decided now. Try again soon.")
            : Refusal.AccessAsync(_context, denial.Access, denial.Resource);
    }

    /// <summary>Asks again for what was admitted.</summary>
    public ValueTask<ProgressAccess> RecheckAsync(Subject subject) => _streams.Gate.RecheckAsync(_context, ProgressResource.Of(subject));

    /// <summary>Asks again, when it is due, before an answer that was waited for. <see langword="true"/> when the refusal was written instead.</summary>
    public async ValueTask<bool> IsRefusedNowAsync(Subject subject)
    {
        if (HasExpired)
        {
            await Refusal.UnauthenticatedAsync(_context, Expired).ConfigureAwait(false);
            return true;
        }

        if (!IsRecheckDue || await RecheckAsync(subject).ConfigureAwait(false) is not (not ProgressAccess.Allowed and var access))
            return false;
        await RefuseAsync([new(ProgressResource.Of(subject), access, Limit: null)], [subject]).ConfigureAwait(false);
        return true;
    }

    /// <summary>All was asked again.</summary>
    public void Renew() => _access?.Renew();

    /// <summary>Gives back what the stream no longer watches.</summary>
    public void Release(Subject subject) => _permit.Unwatch(subject);

    public void Dispose() => _permit.Dispose();
}
