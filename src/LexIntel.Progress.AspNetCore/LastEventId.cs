using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LexIntel.Progress.AspNetCore;

/// <summary>What a client that comes back says it has (WHATWG HTML, 9.2 Server-sent events: the <c>Last-Event-ID</c> header).</summary>
/// <param name="IsPresent">Whether it said something we understand.</param>
/// <param name="Revision">The newest state it has; <see langword="null"/> when none of its states had a revision.</param>
/// <param name="IsEnd">Whether it was told that the document is finished.</param>
internal readonly record struct LastEventId(bool IsPresent, ProgressRevision? Revision, bool IsEnd)
{
    private const string EndSuffix = "-end";
    private const string NoRevision = "0-0";

    /// <summary>The id of the block that ends a finished stream.</summary>
    public static string End(ProgressRevision? last) => (last?.ToString() ?? NoRevision) + EndSuffix;

    /// <summary>Reads the header, or the query for clients that cannot set headers. Junk counts as nothing, and so does a revision from the future.</summary>
    public static LastEventId Read(HttpRequest request, DateTimeOffset now)
    {
        StringValues text = request.Headers["Last-Event-ID"];
        if (StringValues.IsNullOrEmpty(text) && request.QueryString.HasValue)
            text = request.Query["lastEventId"];
        return text.Count == 1 ? Parse(text[0]!, now) : default;
    }

    public static LastEventId Parse(ReadOnlySpan<char> text, DateTimeOffset now)
    {
        var isEnd = text.EndsWith(EndSuffix, StringComparison.Ordinal);
        if (isEnd)
            text = text[..^EndSuffix.Length];
        if (isEnd && text.SequenceEqual(NoRevision))
            return new(true, null, true);
        return ProgressRevision.TryParse(text, null, out var revision) && revision.Attempt <= (now + Wire.StateLimits.FutureAttempt).ToUnixTimeMilliseconds()
            ? new(true, revision, isEnd)
            : default;
    }
}
