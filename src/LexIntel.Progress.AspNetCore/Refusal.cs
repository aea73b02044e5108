using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers that are not progress: problem details (RFC 9457).</summary>
internal static class Refusal
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
    }

    public static Task UnknownAsync(HttpContext context, IReadOnlyList<Subject> subjects) => WriteAsync(
        context, StatusCodes.Status404NotFound, subjects is [var subject] ? $"There is no {subject}." : string.Create(CultureInfo.InvariantCulture, $"None of the {subjects.Count:N0} documents exists."));

    /// <summary>For the moment only: 503, or 429 when it is the client that asks too much.</summary>
    public static Task UnavailableAsync(HttpContext context, string detail, int status = StatusCodes.Status503ServiceUnavailable)
    {
        context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, status, detail);
    }

    /// <summary>
    /// For the moment only, of a stream. An EventSource takes an error status for the end, so it gets a stream that ends at once and says when to come back;
    /// all others are told plainly.
    /// </summary>
    public static async Task StreamAsync(HttpContext context, OpenStreams streams, string reason, int status, string detail)
    {
        if (!context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await UnavailableAsync(context, detail, status).ConfigureAwait(false);
            return;
        }

        var transport = SseTransport.Begin(context);
        transport.WriteBye(reason, streams.DrainRetry());
        await transport.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>An access check did not allow it. A document that must not be known of is answered like one that does not exist.</summary>
    public static Task AccessAsync(HttpContext context, ProgressAccess access, ProgressResource resource) => access switch
    {
        ProgressAccess.Unauthenticated => UnauthenticatedAsync(context, "Sign in to see this."),
        ProgressAccess.NotFound => UnknownAsync(context, [resource.Subject]),
        ProgressAccess.Undecided => UnavailableAsync(context, "Whether you may see this cannot be decided now. Try again soon."),
        _ => WriteAsync(context, AccessGate.Status(access), $"You may not see '{resource.Id}'. Ask its owner for access."),
    };

    /// <summary>401 with the challenge of the host's scheme (RFC 9110, 15.5.2), where it has one.</summary>
    public static async Task UnauthenticatedAsync(HttpContext context, string detail)
    {
        var schemes = context.RequestServices.GetService<IAuthenticationSchemeProvider>();
        if (schemes is not null && await schemes.GetDefaultChallengeSchemeAsync().ConfigureAwait(false) is not null)
        {
            await context.ChallengeAsync().ConfigureAwait(false);
            // A scheme that answers in a way of its own, such as sending the browser to another site, has answered.
            if (context.Response.HasStarted || context.Response.StatusCode != StatusCodes.Status401Unauthorized)
                return;
        }

        await WriteAsync(context, StatusCodes.Status401Unauthorized, detail).ConfigureAwait(false);
    }
}
