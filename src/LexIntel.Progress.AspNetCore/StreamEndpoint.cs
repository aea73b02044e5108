using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers <c>GET …/documents/{documentId}/stream</c>, <c>GET …/batches/{batchId}/stream</c>, <c>GET …/stream?documents=…</c> and <c>POST …/stream</c>.</summary>
internal sealed class StreamEndpoint(OpenStreams streams)
{
    /// <summary>A backplane that does not answer must not keep a client without headers: the stream begins, and the states follow.</summary>
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(1);

    private readonly ProgressStreamOptions _options = streams.Options;
    private readonly TimeProvider _time = streams.Time;

    public Task HandleRouteAsync(HttpContext context) => HandleAsync(
        context,
        static (context, options, time) => new(StreamRequest.FromRoute(context, time.GetUtcNow())),
        greets: !LastEventId.Read(context.Request, _time.GetUtcNow()).IsPresent);

    public Task HandleQueryAsync(HttpContext context) => HandleAsync(
        context, static (context, options, _) => new(StreamRequest.FromQuery(context, options)), greets: false);

    public Task HandleBodyAsync(HttpContext context) => HandleAsync(
        context, static (context, options, time) => StreamRequest.FromBodyAsync(context, options, time.GetUtcNow()), greets: false);

    private async Task HandleAsync(HttpContext context, Func<HttpContext, ProgressStreamOptions, TimeProvider, ValueTask<StreamRequest>> read, bool greets)
    {
        var mailbox = new Mailbox();
        List<Denial> denials = [];
        StreamGuard? guard = null;
        try
        {
            guard = await StreamGuard.EnterAsync(context, streams).ConfigureAwait(false);
            // The request is dropped before the stream begins, which may live for hours.
            if (guard is not null && await OpenAsync(context, mailbox, guard, denials, read).ConfigureAwait(false))
                await new ProgressStream(mailbox, SseTransport.Begin(context), guard, denials, greets, streams).RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left before there was a stream.
        }
        finally
        {
            mailbox.LeaveAll();
            guard?.Dispose();
        }
    }

    /// <summary>Joins all documents, or the batch, and waits once until they are looked up. <see langword="false"/> when the answer was given instead.</summary>
    private async Task<bool> OpenAsync(HttpContext context, Mailbox mailbox, StreamGuard guard, List<Denial> denials, Func<HttpContext, ProgressStreamOptions, TimeProvider, ValueTask<StreamRequest>> read)
    {
        var request = await read(context, _options, _time).ConfigureAwait(false);
        if (request.Subjects is not { } subjects)
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, request.Problem).ConfigureAwait(false);
            return false;
        }

        var watches = new List<Watch>(subjects.Count);
        foreach (var (subject, after) in subjects)
        {
            if (await guard.AdmitAsync(subject).ConfigureAwait(false) is { } denial)
                denials.Add(denial);
            else
                watches.Add(streams.Hub.Join(subject, mailbox, after));
        }

        var opened = watches is [var single] ? single.Topic.Opened : Task.WhenAll(watches.ConvertAll(watch => watch.Topic.Opened));
        // When many come at once, many wait in vain: thrown exceptions would be most of what the host does then.
        await opened.WaitAsync(OpeningLimit, _time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.RequestAborted.ThrowIfCancellationRequested();

        if (watches.TrueForAll(watch => watch.Topic.IsUnknown))
        {
            await guard.RefuseAsync(denials, [.. subjects.Select(static subject => subject.Key)]).ConfigureAwait(false);
            return false;
        }

        // What is denied for the moment may be shown soon: an answer for good would keep the client from asking again.
        var waits = denials.Exists(static denial => denial.IsTemporary);
        var lastEventId = LastEventId.Read(context.Request, _time.GetUtcNow());
        if (!waits && lastEventId.IsEnd && watches.TrueForAll(watch => HasNothingForReturning(watch.Topic, watch.Last ?? lastEventId.Revision)))
        {
            // The one answer that stops an EventSource from coming back (WHATWG HTML, 9.2.3).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.CacheControl = "no-store";
            return false;
        }

        return true;
    }

    /// <summary>
    /// Whether a client that saw the end would learn anything: only something newer or unfinished. The id of an end holds the newest revision of
    /// all documents of the stream, so that a later attempt of any of them is newer.
    /// </summary>
    private static bool HasNothingForReturning(Topic topic, ProgressRevision? last) =>
        topic.IsOpened
        && (topic.Current is not { } current || (current.IsTerminal && (current.Revision is not { } revision || (last is { } seen && revision <= seen))));
}
