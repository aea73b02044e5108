using System.Collections.Concurrent;
using System.IO.Pipelines;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>
/// The least code that does the work on Kestrel: one Redis connection, one subscription per document, a message framed once and shared by
/// its readers, a latest-value slot per client, bytes into the body's pipe. No snapshot, no heartbeat, no limits, no access check.
/// </summary>
internal sealed class FloorServer : IServerUnderTest
{
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private ISubscriber _subscriber = null!;

    public void Configure(WebApplicationBuilder builder, string redis)
    {
    }

    public async Task MapAsync(WebApplication app, string redis)
    {
        _subscriber = (await ConnectionMultiplexer.ConnectAsync(redis)).GetSubscriber();
        app.MapGet("/progress/documents/{id}/stream", (RequestDelegate)StreamAsync);
    }

    private async Task StreamAsync(HttpContext context)
    {
        var slot = new Slot();
        var topic = await JoinAsync((string)context.Request.RouteValues["id"]!, slot);
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        var output = context.Response.BodyWriter;
        using var leave = context.RequestAborted.UnsafeRegister(static state => ((Slot)state!).News.Set(), slot);
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await slot.News.WaitAsync();
            if (Interlocked.Exchange(ref slot.Newest, null) is { } frame)
                await WriteAsync(output, frame);
        }

        topic.Leave(slot);
    }

    private static ValueTask<FlushResult> WriteAsync(PipeWriter output, byte[] frame)
    {
        frame.CopyTo(output.GetSpan(frame.Length));
        output.Advance(frame.Length);
        return output.FlushAsync();
    }

    private async Task<Topic> JoinAsync(string id, Slot slot)
    {
        var topic = _topics.GetOrAdd(id, static _ => new Topic());
        if (topic.Join(slot))
            await _subscriber.SubscribeAsync(RedisChannel.Literal($"document:{id}:progress"), (_, message) => topic.Receive(message));
        return topic;
    }

    private sealed class Slot
    {
        public byte[]? Newest;

        public WakeUp News { get; } = new();
    }

    private sealed class Topic
    {
        private readonly Lock _gate = new();
        private readonly List<Slot> _slots = [];

        /// <summary>Whether it is the first.</summary>
        public bool Join(Slot slot)
        {
            lock (_gate)
            {
                _slots.Add(slot);
                return _slots.Count == 1;
            }
        }

        public void Leave(Slot slot)
        {
            lock (_gate)
                _slots.Remove(slot);
        }

        public void Receive(RedisValue message)
        {
            var json = (ReadOnlyMemory<byte>)message;
            var frame = new byte[json.Length + 8];
            "data: "u8.CopyTo(frame);
            json.Span.CopyTo(frame.AsSpan(6));
            "\n\n"u8.CopyTo(frame.AsSpan(frame.Length - 2));
            lock (_gate)
            {
                foreach (var slot in _slots)
                {
                    Volatile.Write(ref slot.Newest, frame);
                    slot.News.Set();
                }
            }
        }
    }
}
