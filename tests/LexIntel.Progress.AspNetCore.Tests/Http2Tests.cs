using System.Collections.Concurrent;
using System.Net;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Many streams on one connection of HTTP/2, and as many connections of HTTP/1.1.</summary>
public sealed class Http2Tests
{
    private const int Streams = 100;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, Streams)]
    public async Task Hundred_streams_each_get_their_document_to_its_end(int version, int connections)
    {
        var seen = new ConcurrentDictionary<string, bool>();
        await using var host = await TestHost.StartAsync(protocols: version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1, use: app => app.Use((context, next) =>
        {
            seen[context.Connection.Id] = true;
            return next(context);
        }));
        using var client = NewClient(host, version);
        var responses = await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => client.GetAsync($"/progress/documents/d{i}/stream", HttpCompletionOption.ResponseHeadersRead)))
            .WithinAsync("all streams open");
        Assert.All(responses, response => Assert.Equal(version, response.Version.Major));
        for (var i = 0; i < Streams; i++)
            await host.Publisher.PublishAsync(new($"d{i}", "x", 100) { Status = ProgressStatus.Completed });

        var ends = await Task.WhenAll(responses.Select(ReadToEndAsync)).WithinAsync("all ends");

        Assert.All(ends.Index(), end => Assert.Contains($"\"document_id\":\"d{end.Index}\"", end.Item, StringComparison.Ordinal));
        Assert.Equal(connections, seen.Count);
    }

    [Fact]
    public async Task WebSocket_over_HTTP2_is_the_same()
    {
        await using var host = await TestHost.StartAsync(protocols: HttpProtocols.Http2);
        await host.PublishAsync(new("a", "x", 10));
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = new ClientWebSocket();
        (socket.Options.HttpVersion, socket.Options.HttpVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        await socket.ConnectAsync(new UriBuilder(host.Address) { Scheme = "ws", Path = "/progress/socket" }.Uri, invoker, default);
        await socket.SendAsync("""{"watch":{"a":null}}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);

        var buffer = new byte[4_096];
        var text = "";
        while (!text.Contains("document_id", StringComparison.Ordinal))
            text = Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer.AsMemory(), default).AsTask().WithinAsync("a message")).Count);
        Assert.Contains("\"progress\":10,", text, StringComparison.Ordinal);
    }

    private static HttpClient NewClient(TestHost host, int version) => new(new SocketsHttpHandler { EnableMultipleHttp2Connections = false })
    {
        BaseAddress = host.Address,
        DefaultRequestVersion = new Version(version, version == 2 ? 0 : 1),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>The terminal state; the stream has to end by itself.</summary>
    private static async Task<string> ReadToEndAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var last = "";
            await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
                last = item.EventType == "message" ? item.Data : last;
            return last;
        }
    }
}
