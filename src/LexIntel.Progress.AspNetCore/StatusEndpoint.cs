using System.Buffers;
using System.Globalization;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers <c>GET …/documents/{documentId}/status</c> and <c>GET …/batches/{batchId}/status</c>: the newest state by plain GET, for clients that cannot stream.</summary>
internal sealed class StatusEndpoint(OpenStreams streams)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!DocumentRoute.TryRead(context, out var subject, out var problem) || !TryReadWait(context, out var wait, out problem))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        // A request that waits holds what a stream holds, and counts as one.
        using var guard = wait > TimeSpan.Zero ? await StreamGuard.EnterAsync(context, streams).ConfigureAwait(false) : null;
        if (guard is null && wait > TimeSpan.Zero)
            return;
        if (!await IsAdmittedAsync(context, guard, subject).ConfigureAwait(false))
            return;

        Status status;
        try
        {
            status = Render(subject, await streams.Hub.ReadAsync(subject).WaitAsync(context.RequestAborted).ConfigureAwait(false));
            var known = context.Request.GetTypedHeaders().IfNoneMatch;
            if (wait > TimeSpan.Zero && !status.Reading.IsUnknown && !StatusTag.IsNewer(status.Reading, status.Tag, known))
                status = await WaitAsync(subject, wait, known, status, context.RequestAborted).ConfigureAwait(false);
        }
        catch (ProgressUnavailableException)
        {
            await Refusal.UnavailableAsync(context, $"The state of {subject} cannot be read now. Try again soon.").ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (guard is not null && await guard.IsRefusedNowAsync(subject).ConfigureAwait(false))
            return;
        if (status.Reading.IsUnknown)
            await Refusal.UnknownAsync(context, [subject]).ConfigureAwait(false);
        else
            await WriteAsync(context, status).ConfigureAwait(false);
    }

    private async ValueTask<bool> IsAdmittedAsync(HttpContext context, StreamGuard? guard, Subject subject)
    {
        if (guard is not null)
        {
            if (await guard.AdmitAsync(subject).ConfigureAwait(false) is not { } denial)
                return true;
            await guard.RefuseAsync([denial], [subject]).ConfigureAwait(false);
            return false;
        }

        var resource = ProgressResource.Of(subject);
        var access = await streams.Gate.CheckAsync(context, resource).ConfigureAwait(false);
        if (access == ProgressAccess.Allowed)
            return true;
        await Refusal.AccessAsync(context, access, resource).ConfigureAwait(false);
        return false;
    }

    private bool TryReadWait(HttpContext context, out TimeSpan wait, out string problem)
    {
        (wait, problem) = (TimeSpan.Zero, "");
        var text = context.Request.Query["wait"];
        if (text.Count == 0)
            return true;
        if (text.Count > 1 || !decimal.TryParse(text[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            problem = $"The time to wait is '{StateLimits.Cut(text.ToString(), 40)}'. Write a number of seconds, such as ?wait=25.";
            return false;
        }

        var most = streams.Options.MaxStatusWait;
        wait = seconds < (decimal)most.TotalSeconds ? TimeSpan.FromSeconds((double)seconds) : most;
        return true;
    }

    /// <summary>Watches until there is something newer than what the client has, the time is over, the client leaves or the host stops.</summary>
    private async Task<Status> WaitAsync(Subject subject, TimeSpan wait, IList<EntityTagHeaderValue> known, Status status, CancellationToken left)
    {
        var mailbox = new Mailbox();
        using var watch = streams.Hub.Join(subject, mailbox, after: null);
        using var limit = new CancellationTokenSource(wait, streams.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, streams.Stopping, limit.Token);
        using var wake = end.Token.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
        while (!end.IsCancellationRequested)
        {
            await mailbox.WaitAsync().ConfigureAwait(false);
            // What stands is read from the topic; this was only the sign that it has changed.
            while (mailbox.TryTake(out var sign))
                sign.Release();

            var topic = watch.Topic;
            if (!topic.IsOpened || topic.Current is not { } current)
                continue;
            var origin = current.Origin == StateOrigin.Source ? ReadingOrigin.Database : ReadingOrigin.Live;
            status = Render(subject, new(current, topic.StalledSince, origin, IsUnknown: false));
            if (StatusTag.IsNewer(status.Reading, status.Tag, known))
                break;
        }

        left.ThrowIfCancellationRequested();
        return status;
    }

    private Status Render(Subject subject, in Reading reading)
    {
        var body = new ArrayBufferWriter<byte>(512);
        if (reading.State is { } state)
            state.Write(body, reading.StalledSince);
        else if (subject.IsBatch)
            BatchWriter.Write(body, new() { DocumentId = subject.Id, Status = ProgressStatus.Pending, Counts = new(0, 0, 0, 0, 0, 0), Timestamp = streams.Time.GetUtcNow() });
        else
            StateWriter.Write(body, new() { DocumentId = subject.Id, Status = ProgressStatus.Pending, Step = "", Message = "", Timestamp = streams.Time.GetUtcNow() }, full: true);
        return new(reading, body.WrittenMemory, StatusTag.Of(reading, body.WrittenSpan));
    }

    private static async Task WriteAsync(HttpContext context, Status status)
    {
        var response = context.Response;
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        // Asked of another host before, a client may have more than is known here, and must not go back.
        var newer = StatusTag.NewerThan(status.Reading, known);
        response.Headers.ETag = (newer ?? status.Tag).ToString();
        response.Headers.CacheControl = "private, no-cache";
        response.Headers["X-Progress-Source"] = status.Reading.Origin switch
        {
            ReadingOrigin.Live => "live",
            ReadingOrigin.Backplane => "backplane",
            _ => "database",
        };

        if (newer is not null || StatusTag.IsKnown(status.Tag, known))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = status.Body.Length;
        await response.Body.WriteAsync(status.Body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>An answer, ready to be sent.</summary>
    private readonly record struct Status(Reading Reading, ReadOnlyMemory<byte> Body, EntityTagHeaderValue Tag);
}
