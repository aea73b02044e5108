using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>A WebSocket client that reads one message at a time.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public static async Task<SocketClient> OpenAsync(Uri address, string? origin = null, string? header = null)
    {
        var client = new SocketClient();
        if (origin is not null)
            client._socket.Options.SetRequestHeader("Origin", origin);
        if (header?.Split(": ") is [var name, var value])
            client._socket.Options.SetRequestHeader(name, value);
        await client._socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/progress/socket" }.Uri, default).WithinAsync("an open socket");
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] message, WebSocketMessageType type = WebSocketMessageType.Text, bool isWhole = true) =>
        _socket.SendAsync(message, type, endOfMessage: isWhole, default).WithinAsync("a sent message");

    /// <summary>The next message; <see langword="null"/> when the server closed.</summary>
    public async Task<string?> ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var result = await _socket.ReceiveAsync(buffer.AsMemory(length), default).AsTask().WithinAsync("a message");
            length += result.Count;
            if (result.MessageType == WebSocketMessageType.Close)
                return null;
            if (result.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    /// <summary>The next message that is no heartbeat.</summary>
    public async Task<JsonElement> ReadNewsAsync()
    {
        while (true)
        {
            var message = await ReadAsync() ?? throw new InvalidOperationException($"The server closed: {CloseStatus} {CloseReason}.");
            if (message != """{"event":"heartbeat"}""")
                return JsonElement.Parse(message);
        }
    }

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).WithinAsync("a closed socket");

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
