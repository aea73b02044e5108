using System.Net;
using System.Net.Sockets;

namespace LexIntel.Progress.Testing;

/// <summary>
/// Ports of this machine that nobody uses: none that systems give to outgoing connections (from 32,768 up on Linux, higher elsewhere), so that none takes
/// it before the server does, or while a test has it stopped.
/// </summary>
public static class LoopbackPort
{
    private const int First = 10_240;
    private const int Count = 32_768 - First;

    // Test programs that run at the same time begin at different places.
    private static int _last = Random.Shared.Next(Count);

    /// <summary>A port that was free a moment ago, and that this process has not been given lately.</summary>
    public static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"Every port from {First} to {First + Count - 1} is in use.");
    }
}
