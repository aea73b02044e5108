using System.Buffers;
using System.Net.WebSockets;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Reads the commands of one WebSocket client until it leaves or breaks the rules.</summary>
internal sealed class SocketReceiver(WebSocket socket, SocketTransport transport, OpenStreams streams)
{
    private const int FirstSize = 1_024;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>How long a message may take from its first byte to its last: all the while a buffer is held for it.</summary>
    private static readonly TimeSpan MessageLimit = TimeSpan.FromSeconds(20);

    private readonly CommandRate _rate = new(streams.Options.MaxSocketCommandsPerSecond, streams.Time);
    private readonly int _limit = WatchList.BytesFor(streams.Options.MaxDocumentsPerStream);

    /// <summary>What the socket is closed with when the client broke a rule.</summary>
    public (WebSocketCloseStatus Status, string Reason)? Violation { get; private set; }

    public async Task RunAsync()
    {
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false) is { } command)
                await transport.ExecuteAsync(command).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The client has gone without a word.
        }
    }

    /// <summary>The next command; <see langword="null"/> when there will be none.</summary>
    private async ValueTask<SocketCommand?> ReceiveAsync()
    {
        // Most sockets are silent most of the time: an empty read waits without holding a buffer.
        var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        if (result.MessageType == WebSocketMessageType.Close)
            return null;

        using var limit = new CancellationTokenSource(MessageLimit, streams.Time);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        try
        {
            var length = 0;
            do
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer);
                // Not the socket's own token: it would end without a closing frame.
                result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close)
                    return null;
                if (result.MessageType == WebSocketMessageType.Binary)
                    return Refuse(WebSocketCloseStatus.InvalidMessageType, "Send text messages.");
                length += result.Count;
                if (length > _limit)
                    return Refuse(WebSocketCloseStatus.MessageTooBig, $"Messages may have {_limit} bytes.");
            }
            while (!result.EndOfMessage);

            // What came too early is not even read: reading costs as well.
            if (!_rate.TryTake())
                return SocketCommand.TooEarly(streams.Options.MaxSocketCommandsPerSecond, Retry);
            return SocketCommand.Parse(buffer.AsSpan(0, length), streams.Options.MaxDocumentsPerStream, streams.Time.GetUtcNow());
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The socket may still write into it: the pool must not hand it to another.
            buffer = [];
            return Refuse(WebSocketCloseStatus.PolicyViolation, $"A message may take {MessageLimit.TotalSeconds} seconds from its first byte to its last.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private SocketCommand? Refuse(WebSocketCloseStatus status, string reason)
    {
        Violation = (status, reason);
        return null;
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
