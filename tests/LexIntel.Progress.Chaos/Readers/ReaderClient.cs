using System.Net.Sockets;

namespace LexIntel.Progress.Chaos.Readers;

/// <summary>The HTTP client of many readers, each with connections of its own.</summary>
internal static class ReaderClient
{
    private const int TcpLevel = 6;
    private const int MaxSegment = 2;
    private const int SmallSegment = 536;

    /// <param name="receiveBuffer">Small for readers that are to feel slow to the server; <see langword="null"/> for the system's choice.</param>
    public static HttpClient Create(int? receiveBuffer)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (receiveBuffer is { } size)
                {
                    socket.ReceiveBufferSize = size;
                    // With the loopback's segments of 64 KiB the sender's system would take a megabyte before it feels anything.
                    socket.SetRawSocketOption(TcpLevel, MaxSegment, BitConverter.GetBytes(SmallSegment));
                }

                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
