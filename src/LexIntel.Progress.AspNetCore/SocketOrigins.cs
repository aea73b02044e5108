using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Which pages may open a WebSocket. Browsers send cookies along but ask nobody (there is no CORS for WebSockets), so a page of another
/// site would read what its visitor may see.
/// </summary>
internal sealed class SocketOrigins(IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed.Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an entry of the settings is an origin: scheme, host, and port if it is not the scheme's own.</summary>
    public static bool IsOrigin(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0;

    /// <summary>Requests without <c>Origin</c> are no page's; the page's own host is always allowed.</summary>
    public bool Allow(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || _allowed.Contains(origin) || IsOwn(origin, request.Host);
    }

    // Not the scheme: behind a proxy that ends TLS the request is http and the page https.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase)
        && uri.Port == (host.Port ?? (uri.Scheme == "https" ? 443 : 80));
}
