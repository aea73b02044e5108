using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LexIntel.Progress.Testing;

/// <summary>A wire between a client and a server of this machine that a test can hold and cut.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly int _serverPort;
    private readonly Func<int, Task>? _hold;
    private readonly TimeSpan _delay;
    private readonly Task _accepting;
    private volatile Func<int, bool> _isSilent = static _ => false;
    private volatile TaskCompletionSource _speaks = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="serverPort">Where to forward to.</param>
    /// <param name="hold">Called with the number of each connection, from 1, before its first byte is forwarded; the connection waits for it.</param>
    /// <param name="delay">How long everything is on the way, in either direction.</param>
    public TcpProxy(int serverPort, Func<int, Task>? hold = null, TimeSpan delay = default)
    {
        (_serverPort, _hold, _delay) = (serverPort, hold, delay);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    public int Port { get; }

    /// <summary>A configuration string of StackExchange.Redis.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Breaks all connections; new ones are accepted.</summary>
    public void Cut()
    {
        foreach (var client in _clients.Keys)
            client.Close();
    }

    /// <summary>
    /// Forwards nothing any more on some connections, by their numbers, neither way; they stay open, as behind a firewall that drops what
    /// it gets. <see cref="Speak"/> forwards what was held back.
    /// </summary>
    public void Silence(Func<int, bool> connections) => _isSilent = connections;

    /// <summary>Forwards again what was silenced.</summary>
    public void Speak()
    {
        _isSilent = static _ => false;
        Interlocked.Exchange(ref _speaks!, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> forwarding = [];
        try
        {
            for (var number = 1; ; number++)
                forwarding.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token), number));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(forwarding);
        }
    }

    private async Task ForwardAsync(TcpClient client, int number)
    {
        using var server = new TcpClient();
        using (client)
        {
            _clients[client] = true;
            try
            {
                if (_hold is not null)
                    await _hold(number).WaitAsync(_stop.Token);
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                await await Task.WhenAny(
                    CopyAsync(client.GetStream(), server.GetStream(), number), CopyAsync(server.GetStream(), client.GetStream(), number));
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or SocketException or InvalidOperationException)
            {
                // One side has gone; the other one goes with it.
            }

            _clients.TryRemove(client, out _);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, int number)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var count)
        {
            // Taken before the look: whoever speaks after it is heard.
            for (var speaks = _speaks; _isSilent(number); speaks = _speaks)
                await speaks.Task.WaitAsync(_stop.Token);
            if (_delay > TimeSpan.Zero)
                await Task.Delay(_delay, _stop.Token);
            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
