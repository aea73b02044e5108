using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>How long what was allowed when a stream began may be taken for granted: until the next check is due, and never past the end of the client's ticket.</summary>
internal sealed class StreamAccess
{
    private readonly TimeProvider _time;
    private readonly DateTimeOffset? _expires;
    private readonly TimeSpan _interval;
    private readonly bool _isGuarded;
    private long _checkedAt;

    private StreamAccess(DateTimeOffset? expires, bool isGuarded, ProgressStreamOptions options, TimeProvider time)
    {
        (_time, _expires, _isGuarded) = (time, expires, isGuarded);
        // Streams that began together must not all ask the database together.
        _interval = options.AccessRecheckInterval * (0.8 + (0.2 * Random.Shared.NextDouble()));
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>What has to be watched over while a stream is open; <see langword="null"/> when there is nothing to ask again, and nothing that expires.</summary>
    public static StreamAccess? Of(HttpContext context, ProgressStreamOptions options, TimeProvider time)
    {
        // Cookies and bearer tokens alike put the end of what was signed here.
        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        var isGuarded = AccessGate.IsGuarded(context);
        return isGuarded || expires is not null ? new(expires, isGuarded, options, time) : null;
    }

    /// <summary>The cookie or token that the stream was opened with is no longer valid.</summary>
    public bool HasExpired => _expires is { } expires && _time.GetUtcNow() >= expires;

    /// <summary>Whether there is something to ask, or to end, now.</summary>
    public bool IsDue => IsRecheckDue || HasExpired;

    public bool IsRecheckDue => _isGuarded && _time.GetElapsedTime(Volatile.Read(ref _checkedAt)) >= _interval;

    /// <summary>All was asked: the next interval begins.</summary>
    public void Renew() => Volatile.Write(ref _checkedAt, _time.GetTimestamp());
}
