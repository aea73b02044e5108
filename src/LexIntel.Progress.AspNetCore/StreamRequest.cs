using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>What a client asks to see on one stream.</summary>
/// <param name="Subjects">The documents, or the batch, each with the newest revision the client has of it; <see langword="null"/> when the request cannot be served.</param>
/// <param name="Problem">Why not, as a sentence for the client.</param>
internal readonly record struct StreamRequest(IReadOnlyCollection<KeyValuePair<Subject, ProgressRevision?>>? Subjects, string Problem = "")
{
    /// <summary>The most ids in a URL: servers and proxies refuse long ones.</summary>
    private const int MostInUrl = 100;

    /// <summary>Reads <c>…/documents/{documentId}/stream</c> and <c>…/batches/{batchId}/stream</c>.</summary>
    public static StreamRequest FromRoute(HttpContext context, DateTimeOffset now) => DocumentRoute.TryRead(context, out var subject, out var problem)
        ? new([new(subject, LastEventId.Read(context.Request, now).Revision)])
        : new(null, problem);

    /// <summary>
    /// Reads <c>…/stream?documents=a&amp;documents=b</c>. <c>Last-Event-ID</c> is not compared with any of them: it is the revision of whatever
    /// came last, and an EventSource remembers no other.
    /// </summary>
    public static StreamRequest FromQuery(HttpContext context, ProgressStreamOptions options)
    {
        var ids = context.Request.Query["documents"];
        var most = Math.Min(MostInUrl, options.MaxDocumentsPerStream);
        if (ids.Count == 0)
            return new(null, "No document is named. Name them in the query: ?documents=a&documents=b.");
        if (ids.Count > most)
            return new(null, string.Create(CultureInfo.InvariantCulture, $"The URL names {ids.Count:N0} documents, {most} are allowed. POST {{\"documents\": {{\"<id>\": \"<revision or null>\", …}}}} to the same address, which takes up to {options.MaxDocumentsPerStream:N0}."));

        var documents = new Dictionary<Subject, ProgressRevision?>(ids.Count);
        foreach (var documentId in ids)
        {
            if (DocumentIds.Problem(documentId) is { } problem)
                return new(null, problem);
            documents[documentId!] = null;
        }

        return new(documents);
    }

    /// <summary>Reads the body of <c>POST …/stream</c>: <c>{"documents":{"a":"revision or null",…}}</c>.</summary>
    public static async ValueTask<StreamRequest> FromBodyAsync(HttpContext context, ProgressStreamOptions options, DateTimeOffset now)
    {
        // Other types travel between sites without asking (a CORS preflight), with the user's cookies.
        if (!context.Request.HasJsonContentType())
            return new(null, $"The body has the type '{context.Request.ContentType}'. Send JSON, with Content-Type: application/json.");

        var limit = WatchList.BytesFor(options.MaxDocumentsPerStream);
        var body = new ArrayBufferWriter<byte>(1_024);
        while (await context.Request.Body.ReadAsync(body.GetMemory(1_024), context.RequestAborted).ConfigureAwait(false) is > 0 and var read)
        {
            body.Advance(read);
            if (body.WrittenCount > limit)
                return new(null, string.Create(CultureInfo.InvariantCulture, $"The body is larger than {limit:N0} bytes, which is room for {options.MaxDocumentsPerStream:N0} documents. Open several streams."));
        }

        return FromJson(body.WrittenSpan, options, now);
    }

    private static StreamRequest FromJson(ReadOnlySpan<byte> body, ProgressStreamOptions options, DateTimeOffset now)
    {
        const string form = "Send {\"documents\": {\"<id>\": \"<revision or null>\", …}}.";
        var documents = new Dictionary<Subject, ProgressRevision?>();
        try
        {
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return new(null, $"The body is not a JSON object. {form}");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (!json.ValueTextEquals("documents"u8))
                    json.Skip();
                else if (WatchList.Read(ref json, documents, isBatch: false, options.MaxDocumentsPerStream, now) is { } problem)
                    return new(null, problem);
            }

            // Whatever follows the object is an error too.
            _ = json.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new(null, $"The body is not JSON in UTF-8. {form}");
        }

        return documents.Count > 0 ? new(documents) : new(null, $"No document is named. {form}");
    }
}
