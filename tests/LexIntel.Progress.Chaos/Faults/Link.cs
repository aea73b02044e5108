using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LexIntel.Progress.Chaos.Faults;

/// <summary>One connection through the proxy.</summary>
internal sealed class Link(FaultProxy proxy, TcpClient client, int number)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>The client's side is gone at once; what it had sent is still delivered.</summary>
    public void Break() => client.Close();

    public async Task RunAsync(int target, CancellationToken cancellationToken)
    {
        using var server = new TcpClient { NoDelay = true };
        try
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, target, cancellationToken);
            var (near, far) = (client.GetStream(), server.GetStream());
            var toRedis = CarryAsync(near, far, () => proxy.HoldsToRedis(number), cancellationToken);
            // When Redis is gone there is nothing left to tell the client.
            await CarryAsync(far, near, () => proxy.HoldsFromRedis(number), cancellationToken);
            client.Close();
            await toRedis;
        }
        catch (Exception end) when (IsEnd(end))
        {
            // Redis is away.
        }
        finally
        {
            client.Close();
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, Func<bool> holds, CancellationToken cancellationToken)
    {
        var carried = Channel.CreateUnbounded<(double DueAt, byte[] Bytes)>();
        var reading = ReadAsync(from, carried.Writer, cancellationToken);
        try
        {
            await foreach (var (dueAt, bytes) in carried.Reader.ReadAllAsync(cancellationToken))
            {
                while (Clock.Now < dueAt || holds())
                    await Task.Delay(Pause, cancellationToken);
                await to.WriteAsync(bytes, cancellationToken);
            }

            // Half closed: an orderly end for Redis, whose last answers then end the other direction.
            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (IsEnd(end))
        {
            from.Close();
        }

        await reading;
    }

    private async Task ReadAsync(NetworkStream from, ChannelWriter<(double, byte[])> carried, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                carried.TryWrite((proxy.Delay > TimeSpan.Zero ? Clock.Now + proxy.Delay.TotalMilliseconds : 0, buffer[..count]));
        }
        catch (Exception end) when (IsEnd(end))
        {
            // Broken; what was read is still delivered.
        }

        carried.Complete();
    }

    private static bool IsEnd(Exception exception) => exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
