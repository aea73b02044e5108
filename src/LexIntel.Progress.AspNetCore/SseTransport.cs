using System.IO.Pipelines;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Server-Sent Events: blocks of text in one endless response.</summary>
internal sealed class SseTransport(HttpContext context) : IStreamTransport
{
    private const int FlushSize = 16 * 1024;

    private readonly PipeWriter _output = context.Response.BodyWriter;

    public string Name => "sse";

    public bool IsFull => _output.UnflushedBytes >= FlushSize;

    public bool EndsWithDocuments => true;

    public CancellationToken Left => context.RequestAborted;

    /// <summary>Everything that keeps servers and proxies on the way from holding bytes back stands here.</summary>
    public static SseTransport Begin(HttpContext context)
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
        return new(context);
    }

    // A response cannot be talked to.
    public ValueTask TakeCommandsAsync() => default;

    public void Forget(Watch watch)
    {
        // Nobody can ask for it again on this response.
    }

    public void WriteState(State state, bool full) => SseFrames.WriteState(_output, state, full);

    public void WriteEvent(StreamEvent streamEvent) => Write(SseFrames.Event(streamEvent));

    public void WriteRetry(TimeSpan delay) => Write(SseFrames.Retry(delay));

    public void WriteBye(string reason, TimeSpan delay)
    {
        WriteRetry(delay);
        WriteEvent(StreamEvent.Bye(reason, retry: null));
    }

    public void WriteEnd(ProgressRevision? newest) => Write(SseFrames.End(newest));

    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            return !(await _output.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted;
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return false;
        }
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_output.GetSpan(frame.Length));
        _output.Advance(frame.Length);
    }
}
