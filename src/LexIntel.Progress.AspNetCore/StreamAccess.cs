using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>How long what was allowed when a stream began may be taken for granted: until the next check is due, and never past the end of the client's ticket.</summary>
internal sealed class StreamAccess
{
    private readonly HttpContext _context;
    private readonly AccessGate _gate;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset? _expires;
    private readonly TimeSpan _interval;
    private readonly bool _isGuarded;
    private long _checkedAt;

    public StreamAccess(HttpContext context, AccessGate gate, ProgressStreamOptions options, TimeProvider time)
    {
        (_context, _gate, _time) = (context, gate, time);
        // Cookies and bearer tokens alike put the end of what was signed here.
        _expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        _isGuarded = AccessGate.IsGuarded(context);
        // Streams that began together must not all ask the database together.
        _interval = options.AccessRecheckInterval * (0.8 + (0.2 * Random.Shared.NextDouble()));
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>The cookie or token that the stream was opened with is no longer valid.</summary>
    public bool HasExpired => _expires is { } expires && _time.GetUtcNow() >= expires;

    /// <summary>Whether there ever will be something to ask, or to end.</summary>
    public bool CanBeLost => _isGuarded || _expires is not null;

    /// <summary>Whether there is something to ask, or to end, now.</summary>
    public bool IsDue => IsRecheckDue || HasExpired;

    public bool IsRecheckDue => _isGuarded && _time.GetElapsedTime(Volatile.Read(ref _checkedAt)) >= _interval;

    public ValueTask<ProgressAccess> RecheckAsync(ProgressResource resource) => _gate.RecheckAsync(_context, resource);

    /// <summary>All was asked: the next interval begins.</summary>
    public void Renew() => Volatile.Write(ref _checkedAt, _time.GetTimestamp());
}
