using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Attacks;

/// <summary>A client that sends whatever bytes it likes and remembers every byte it hears.</summary>
internal sealed class Intruder(Uri address) : IDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ConcurrentQueue<TcpClient> _sockets = new();

    /// <summary>Everything that was heard so far, an answer each: put together, it would fill the shared pool of characters of one thread after the other.</summary>
    public IEnumerable<string> Heard => _heard;

    /// <summary>Sends a request and hears the answer to its end: whoever is refused is told so and left.</summary>
    public async Task<string> AskAsync(string method, string target, string headers = "", string body = "")
    {
        using var socket = await ConnectAsync();
        await SendAsync(socket, Request(method, target, "Connection: close\r\n" + headers, body));
        return await HearToEndAsync(socket);
    }

    /// <summary>Sends bytes and leaves the connection as it is, without reading.</summary>
    public async Task<TcpClient> LeaveOpenAsync(string bytes)
    {
        var socket = await ConnectAsync();
        _sockets.Enqueue(socket);
        await SendAsync(socket, bytes);
        return socket;
    }

    /// <summary>Hears what a connection still brings, to its end.</summary>
    public async Task<string> HearToEndAsync(TcpClient socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.GetStream().ReadAsync(buffer).AsTask().WithinAsync("the end of the answer") is > 0 and var read)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Cut off is an end too.
        }

        _heard.Enqueue(text.ToString());
        return text.ToString();
    }

    /// <summary>Remembers what came in another way.</summary>
    public void Hear(string text) => _heard.Enqueue(text);

    /// <summary>Breaks all connections that were left open, with a reset.</summary>
    public void Reset()
    {
        while (_sockets.TryDequeue(out var socket))
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }

    public string Request(string method, string target, string headers = "", string body = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}{(body.Length > 0 ? $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n" : "")}\r\n{body}";

    public void Dispose() => Reset();

    private async Task<TcpClient> ConnectAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port);
        return socket;
    }

    private static async Task SendAsync(TcpClient socket, string text) => await socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
}
