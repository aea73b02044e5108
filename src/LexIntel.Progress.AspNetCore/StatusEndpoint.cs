using System.Buffers;
using System.Security.Cryptography;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers <c>GET …/documents/{documentId}/status</c>: the newest state by plain GET, for clients that cannot stream.</summary>
internal sealed class StatusEndpoint(ProgressHub hub, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!DocumentRoute.TryRead(context, out var documentId, out var problem))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        Reading reading;
        try
        {
            reading = await hub.ReadAsync(documentId).WaitAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (ProgressUnavailableException)
        {
            await Refusal.UnavailableAsync(context, "The state of the document cannot be read now. Try again soon.").ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (reading.IsUnknown)
            await Refusal.UnknownDocumentAsync(context, documentId).ConfigureAwait(false);
        else
            await WriteAsync(context, documentId, reading).ConfigureAwait(false);
    }

    private async Task WriteAsync(HttpContext context, string documentId, Reading reading)
    {
        var body = new ArrayBufferWriter<byte>(512);
        if (reading.State is { } state)
            state.Write(body, full: true, reading.StalledSince);
        else
            StateWriter.Write(body, new() { DocumentId = documentId, Status = ProgressStatus.Pending, Step = "", Message = "", Timestamp = time.GetUtcNow() }, full: true);

        var response = context.Response;
        var tag = Tag(reading, body.WrittenSpan);
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "private, no-cache";
        response.Headers["X-Progress-Source"] = reading.Origin switch
        {
            ReadingOrigin.Live => "live",
            ReadingOrigin.Backplane => "backplane",
            _ => "database",
        };

        // RFC 9110, 13.1.2: If-None-Match compares weakly.
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The revision and what is observed; a hash where there is no revision. "Pending" has no history, only the time of asking.</summary>
    private static EntityTagHeaderValue Tag(Reading reading, ReadOnlySpan<byte> body)
    {
        if (reading.State is not { } state)
            return new("\"pending\"", isWeak: true);
        return state.Revision is { } revision
            ? new($"\"{revision}{(reading.StalledSince is null ? "" : ".stalled")}\"")
            : new($"\"{Convert.ToHexStringLower(SHA256.HashData(body)[..8])}\"");
    }
}
