using System.Globalization;
using Microsoft.AspNetCore.Http;

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

    public static Task UnknownDocumentAsync(HttpContext context, string documentId) =>
        WriteAsync(context, StatusCodes.Status404NotFound, $"There is no document '{documentId}'.");

    public static Task UnavailableAsync(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, detail);
    }

    public static Task StoppingAsync(HttpContext context) =>
        UnavailableAsync(context, "The host is stopping. Connect again; another host will answer.");
}
