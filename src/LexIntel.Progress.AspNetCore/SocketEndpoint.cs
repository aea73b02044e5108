using System.Net.WebSockets;
using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Answers <c>…/socket</c>: the same streams over a WebSocket, for clients that change what they watch.</summary>
internal sealed class SocketEndpoint(OpenStreams streams)
{
    /// <summary>How long a client may leave a ping of the protocol without an answer; then it is gone, although nobody said so.</summary>
    public static readonly TimeSpan PongLimit = TimeSpan.FromSeconds(20);

    private readonly SocketOrigins _origins = new(streams.Options.AllowedOrigins);

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Refusal.WriteAsync(context, StatusCodes.Status400BadRequest, "This address speaks WebSocket. Open it with new WebSocket(…), or use the stream endpoints.").ConfigureAwait(false);
            return;
        }

        if (!_origins.Allow(context.Request))
        {
            await Refusal.WriteAsync(context, StatusCodes.Status403Forbidden, $"Pages of '{context.Request.Headers.Origin}' may not open a WebSocket here. The host can allow them: {ProgressOptions.SectionName}:{nameof(ProgressStreamOptions.AllowedOrigins)}.").ConfigureAwait(false);
            return;
        }

        using var guard = await StreamGuard.EnterAsync(context, streams).ConfigureAwait(false);
        if (guard is null)
            return;

        // Compression stays off: it keeps 64 KB for each socket, and texts of others beside secrets can be guessed by their size.
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        await RunAsync(socket, guard).ConfigureAwait(false);
    }

    private async Task RunAsync(WebSocket socket, StreamGuard guard)
    {
        using var left = new CancellationTokenSource();
        var mailbox = new Mailbox();
        var transport = new SocketTransport(socket, mailbox, guard, streams, left.Token);
        var receiver = new SocketReceiver(socket, transport, streams);
        var receiving = receiver.RunAsync();
        var streaming = new ProgressStream(mailbox, transport, guard, denials: [], greets: false, streams).RunAsync();
        try
        {
            await Task.WhenAny(receiving, streaming).ConfigureAwait(false);
            await left.CancelAsync().ConfigureAwait(false);
            // One that does not read keeps its last message from being sent.
            await streaming.WaitAsync(ProgressStream.ClosingLimit, streams.Time).ConfigureAwait(false);
            await CloseAsync(socket, transport, receiver, receiving.IsCompleted).ConfigureAwait(false);
            transport.Release();
            await receiving.WaitAsync(ProgressStream.ClosingLimit, streams.Time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException or WebSocketException or ObjectDisposedException or IOException)
        {
            // It gets no closing frame, or gave none; its connection ends all the same.
        }
        finally
        {
            if (socket.State != WebSocketState.Closed)
                socket.Abort();
            transport.Release();
            // Whatever ended them: nobody reads any more, and what is still watched would be for ever.
            await Task.WhenAll(receiving, streaming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            mailbox.LeaveAll();
        }
    }

    private async Task CloseAsync(WebSocket socket, SocketTransport transport, SocketReceiver receiver, bool hasReceived)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var limit = new CancellationTokenSource(ProgressStream.ClosingLimit, streams.Time);
        var (status, reason) = receiver.Violation
            ?? (transport.ByeReason is { } bye ? (WebSocketCloseStatus.EndpointUnavailable, bye) : (WebSocketCloseStatus.NormalClosure, ""));
        // Who still receives sees the client's closing frame by itself. Without waiting for it the end of the connection may overtake ours.
        await (hasReceived ? socket.CloseAsync(status, reason, limit.Token) : socket.CloseOutputAsync(status, reason, limit.Token)).ConfigureAwait(false);
    }
}
