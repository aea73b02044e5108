using System.Globalization;
using System.Text;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Reads the id of the document or batch from the raw request target, decoded once. The route value will not do: the server decodes everything but
/// <c>%2F</c>, so that <c>a%2Fb</c> and <c>a%252Fb</c>, two documents, would look alike.
/// </summary>
internal static class DocumentRoute
{
    public const string DocumentId = "documentId";

    public const string BatchId = "batchId";

    /// <summary>The document or batch, or what is wrong with its id as a sentence for the caller.</summary>
    public static bool TryRead(HttpContext context, out Subject subject, out string problem)
    {
        var batchValue = context.GetRouteValue(BatchId) as string;
        var routeValue = batchValue ?? context.GetRouteValue(DocumentId) as string ?? "";
        subject = new(FromTarget(context.Features.Get<IHttpRequestFeature>()?.RawTarget, routeValue) ?? "", IsBatch: batchValue is not null);
        var name = subject.IsBatch ? "batch id" : "document id";
        problem = subject.Id.Length == 0
            ? $"The {name} in the URL is not valid percent-encoded UTF-8. Encode it as encodeURIComponent does."
            : DocumentIds.Problem(subject.Id, name) ?? "";
        return problem.Length == 0;
    }

    /// <summary>The last segment but one, decoded; the route value where the target was rewritten; <see langword="null"/> when it cannot be decoded.</summary>
    private static string? FromTarget(string? target, string routeValue)
    {
        var path = target.AsSpan();
        if (path.IndexOf('?') is >= 0 and var query)
            path = path[..query];
        path = path.TrimEnd('/');
        var end = path.LastIndexOf('/');
        var start = end < 0 ? -1 : path[..end].LastIndexOf('/');
        if (start < 0)
            return routeValue;

        var decoded = Decode(path[(start + 1)..end]);
        return decoded is null || Uri.UnescapeDataString(decoded) == Uri.UnescapeDataString(routeValue) ? decoded : routeValue;
    }

    private static string? Decode(ReadOnlySpan<char> segment)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(segment.Length)];
        var count = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                count += Encoding.UTF8.GetBytes(segment.Slice(i, 1), bytes.AsSpan(count));
                continue;
            }

            if (i + 2 >= segment.Length || !byte.TryParse(segment.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count]))
                return null;
            count++;
            i += 2;
        }

        return System.Text.Unicode.Utf8.IsValid(bytes.AsSpan(0, count)) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }
}
