using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LexIntel.Progress.Chaos.Faults;

/// <summary>
/// The way to Redis of some processes: delays, holds back and breaks. What a client sent before its connection broke still arrives, as
/// with real networks: perhaps later than what it sends over the next connection.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Link, bool> _links = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _count;

    public FaultProxy(int target)
    {
        Target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections there have been; they are numbered from 1.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The port that new connections go to.</summary>
    public int Target { get; set; }

    public TimeSpan Delay { get; set; }

    /// <summary>Which connections, by their number, deliver nothing to Redis.</summary>
    public Func<int, bool> HoldsToRedis { get; set; } = static _ => false;

    /// <summary>Which connections, by their number, deliver nothing from Redis.</summary>
    public Func<int, bool> HoldsFromRedis { get; set; } = static _ => false;

    /// <summary>Breaks all connections.</summary>
    public void Drop()
    {
        foreach (var link in _links.Keys)
            link.Break();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Drop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> forwarding = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                forwarding.Add(ForwardAsync(new Link(this, client, ++_count)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(forwarding);
        }
    }

    private async Task ForwardAsync(Link link)
    {
        _links[link] = true;
        await link.RunAsync(Target, _stop.Token);
        _links.TryRemove(link, out _);
    }
}
