using System.Net.WebSockets;
using System.Text;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What a WebSocket sends while it is slow.</summary>
public sealed class SocketTransportTests
{
    [Fact]
    public async Task States_that_wait_behind_a_slow_frame_are_sent_as_they_were_while_newer_ones_come()
    {
        await using var services = new ServiceCollection().AddLogging().AddLexIntelProgress().Services.BuildServiceProvider();
        var mailbox = new Mailbox();
        Topic[] topics = [.. Enumerable.Range(0, 3).Select(i => new Topic($"d{i}", services.GetRequiredService<ProgressHub>()))];
        foreach (var topic in topics)
            topic.Join(mailbox, after: null);
        using var socket = new SlowSocket();
        var transport = new SocketTransport(socket, mailbox, guard: null!, streams: null!, CancellationToken.None);
        var messages = topics.Select(topic => Message(topic, 1)).ToArray();
        for (var i = 0; i < topics.Length; i++)
            topics[i].Receive(Encoding.UTF8.GetBytes(messages[i]));
        while (mailbox.TryTake(out var delivery))
        {
            transport.WriteState(delivery.State!, full: false);
            delivery.Release();
        }

        var flushing = transport.FlushAsync(TestContext.Current.CancellationToken);
        for (var number = 2; number < 10; number++)
        {
            foreach (var topic in topics)
                topic.Receive(Encoding.UTF8.GetBytes(Message(topic, number)));
        }

        socket.Go.SetResult();

        Assert.True(await flushing);
        Assert.Equal(messages, socket.Sent);
    }

    private static string Message(Topic topic, int number) =>
        $$"""{"revision":"1764000000000-{{number}}","status":"processing","document_id":"{{topic.Subject.Id}}","step":"s","progress":{{number}},"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""";

    /// <summary>Reads the bytes of a frame only when it is let.</summary>
    private sealed class SlowSocket : WebSocket
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Sent { get; } = [];

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public override async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, WebSocketMessageFlags messageFlags, CancellationToken cancellationToken)
        {
            await Go.Task.WaitAsync(cancellationToken);
            Sent.Add(Encoding.UTF8.GetString(buffer.Span));
        }

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Abort()
        {
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }
}
