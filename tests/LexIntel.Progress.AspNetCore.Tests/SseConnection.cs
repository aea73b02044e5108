using System.Net.Sockets;
using System.Text;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>An event stream read from a plain socket, so that every byte of the answer can be asserted.</summary>
internal sealed class SseConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpClient _socket;
    private readonly StreamReader _reader;
    private readonly StringBuilder _body = new();
    private bool _isOver;

    private SseConnection(TcpClient socket, string head)
    {
        _socket = socket;
        // One character for each byte: chunk sizes count bytes.
        _reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        Head = head;
    }

    /// <summary>The block that ends a stream for good.</summary>
    public static string End(string newest) => $"id: {newest}-end\nevent: end\ndata: {{}}";

    /// <summary>Status line and headers.</summary>
    public string Head { get; private set; }

    public int Status => int.Parse(Head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Opens a stream.</summary>
    /// <param name="address">The server.</param>
    /// <param name="target">The request target, sent as it is.</param>
    /// <param name="lastEventId">The header of that name.</param>
    /// <param name="accept">The header of that name.</param>
    /// <param name="json">The body of a POST; a GET without.</param>
    /// <param name="headers">More headers, such as a cookie.</param>
    public static async Task<SseConnection> OpenAsync(Uri address, string target, string? lastEventId = null, string accept = "text/event-stream", string? json = null, string? headers = null)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        var header = lastEventId is null ? "" : $"Last-Event-ID: {lastEventId}\r\n";
        if (headers is not null)
            header += headers + "\r\n";
        var body = Encoding.UTF8.GetBytes(json ?? "");
        if (json is not null)
            header += string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n");
        var head = Encoding.UTF8.GetBytes($"{(json is null ? "GET" : "POST")} {target} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: {accept}\r\n{header}\r\n");
        await socket.GetStream().WriteAsync((byte[])[.. head, .. body]);
        var connection = new SseConnection(socket, "");
        var answer = new StringBuilder();
        while (await connection.ReadLineAsync() is { Length: > 0 } line)
            answer.Append(line).Append('\n');
        connection.Head = answer.ToString();
        connection._isOver = connection.Status is 204 or 304;
        return connection;
    }

    /// <summary>The next block, without the empty line that ends it; <see langword="null"/> at the end of the stream.</summary>
    public async Task<string?> ReadBlockAsync()
    {
        while (true)
        {
            var text = _body.ToString();
            var end = text.IndexOf("\n\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _body.Remove(0, end + 2);
                return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text[..end]));
            }

            if (_isOver || !await ReadChunkAsync())
                return text.Length == 0 ? null : throw new InvalidOperationException($"The stream ended inside a block: '{text}'.");
        }
    }

    /// <summary>The next block that is neither a retry nor a heartbeat; heartbeats alone do not keep the test waiting.</summary>
    public async Task<string?> ReadNewsAsync()
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            if (Environment.TickCount64 > deadline)
                throw new TimeoutException($"Nothing but heartbeats for {Patience.TotalSeconds} s.");
            var block = await ReadBlockAsync();
            if (block is null || !(block.StartsWith("retry:", StringComparison.Ordinal) || block.StartsWith("event: heartbeat", StringComparison.Ordinal)))
                return block;
        }
    }

    /// <summary>All blocks to the end of the stream.</summary>
    public async Task<List<string>> ReadToEndAsync()
    {
        var blocks = new List<string>();
        while (await ReadBlockAsync() is { } block)
            blocks.Add(block);
        return blocks;
    }

    /// <summary>The body of an answer that is not a stream.</summary>
    public async Task<string> ReadRestAsync()
    {
        while (!_isOver && await ReadChunkAsync())
        {
        }

        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_body.ToString()));
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadChunkAsync()
    {
        if (await ReadLineAsync() is not { Length: > 0 } size)
            return false;
        var length = Convert.ToInt32(size, 16);
        var bytes = new char[length];
        if (length > 0)
            await _reader.ReadBlockAsync(bytes).AsTask().WaitAsync(Patience);
        await ReadLineAsync();
        _isOver = length == 0;
        _body.Append(bytes);
        return !_isOver;
    }

    private async Task<string?> ReadLineAsync() => await _reader.ReadLineAsync().WaitAsync(Patience);
}
