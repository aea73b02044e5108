using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers <c>GET …/documents/{documentId}/stream</c>.</summary>
internal sealed class StreamEndpoint(ProgressHub hub, OpenStreams streams, ProgressStreamOptions options, TimeProvider time)
{
    /// <summary>A backplane that does not answer must not keep a client without headers: the stream begins, and the state follows.</summary>
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context)
    {
        if (!DocumentRoute.TryRead(context, out var documentId, out var problem))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        if (streams.Stopping.IsCancellationRequested)
        {
            await RefuseWhileStoppingAsync(context).ConfigureAwait(false);
            return;
        }

        var lastEventId = LastEventId.Read(context.Request, time.GetUtcNow());
        var mailbox = new Mailbox();
        using var watch = hub.Join(documentId, mailbox, lastEventId.Revision);
        try
        {
            await watch.Topic.Opened.WaitAsync(OpeningLimit, time, context.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // See OpeningLimit.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (watch.Topic.IsUnknown)
        {
            await Refusal.UnknownDocumentAsync(context, documentId).ConfigureAwait(false);
            return;
        }

        if (lastEventId.IsEnd && HasNothingForReturning(watch.Topic, lastEventId.Revision))
        {
            // The one answer that stops an EventSource from coming back (WHATWG HTML, 9.2.3).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.CacheControl = "no-store";
            return;
        }

        Begin(context);
        await new ProgressStream(context, mailbox, watch, lastEventId, hub, streams, options, time).RunAsync().ConfigureAwait(false);
    }

    /// <summary>Whether a client that saw the end would learn anything: only something newer or unfinished.</summary>
    private static bool HasNothingForReturning(Topic topic, ProgressRevision? last) =>
        topic.Opened.IsCompleted
        && (topic.Current is not { } current || (current.IsTerminal && (current.Revision is not { } revision || (last is { } seen && revision <= seen))));

    /// <summary>Everything that keeps servers and proxies on the way from holding bytes back stands here.</summary>
    private static void Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx buffers responses of upstreams unless it is told not to (ngx_http_proxy_module, proxy_buffering).
        response.Headers["X-Accel-Buffering"] = "no";
        // Compression collects bytes before it sends any; middleware leaves a response alone that says how it is encoded.
        response.Headers.ContentEncoding = "identity";
    }

    /// <summary>An EventSource takes an error status for the end; all others are told plainly.</summary>
    private async Task RefuseWhileStoppingAsync(HttpContext context)
    {
        if (!context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await Refusal.UnavailableAsync(context, "The host is stopping. Connect again; another host will answer.").ConfigureAwait(false);
            return;
        }

        Begin(context);
        var delay = options.RetryMin + ((options.DrainRetryMax - options.RetryMin) * Random.Shared.NextDouble());
        await context.Response.Body.WriteAsync(SseFrames.Retry(delay), context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.WriteAsync(SseFrames.Bye("shutdown"), context.RequestAborted).ConfigureAwait(false);
    }
}
