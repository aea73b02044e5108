using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Batches over a WebSocket, beside documents.</summary>
public sealed class SocketBatchTests
{
    [Fact]
    public async Task Watched_batch_comes_as_named_aggregates_to_its_end_and_the_socket_stays()
    {
        await using var host = await TestHost.StartAsync();
        await host.Publisher.DeclareBatchAsync(new("b", 2));
        await PublishAsync(host, "a", 50);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();

        await socket.SendAsync("""{"watch_batches":{"b":null}}""");
        Assert.Matches(
            """^\{"event":"batch","revision":"[0-9]{13}-2","batch_id":"b","status":"processing","total":2,"pending":1,"processing":1,"completed":0,"failed":0,"cancelled":0,"progress":25,"timestamp":"[-0-9T:.]+Z"\}$""",
            await socket.ReadAsync());
        await PublishAsync(host, "a", 100, ProgressStatus.Completed);
        await PublishAsync(host, "c", 30, ProgressStatus.Failed);
        string? last;
        do
        {
            last = (await socket.ReadNewsAsync()).GetRawText();
        }
        while (!last.Contains("\"status\":\"completed\",\"total\":2,\"pending\":0,\"processing\":0,\"completed\":1,\"failed\":1,", StringComparison.Ordinal));

        // It has ended here, and goes on when it is watched again.
        await PublishAsync(host, "d", 10);
        await socket.SendAsync("""{"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await socket.SendAsync("""{"watch_batches":{"b":null}}""");
        Assert.Equal(3, (await socket.ReadNewsAsync()).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Batch_is_resumed_behind_the_revision_that_the_client_has()
    {
        await using var host = await TestHost.StartAsync();
        await PublishAsync(host, "a", 50);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch_batches":{"b":null}}""");
        var revision = (await socket.ReadNewsAsync()).GetProperty("revision").GetString();

        await socket.SendAsync($$$"""{"watch_batches":{"b":"{{{revision}}}"},"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await PublishAsync(host, "c", 50);

        Assert.Equal(2, (await socket.ReadNewsAsync()).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Document_and_batch_of_one_name_are_two_things()
    {
        await using var host = await TestHost.StartAsync();
        await PublishAsync(host, "b", 50);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"b":null},"watch_batches":{"b":null}}""");
        Assert.Equal(["b", "batch"], new[] { await KindAsync(socket), await KindAsync(socket) }.Order(StringComparer.Ordinal));

        await socket.SendAsync("""{"unwatch_batches":["b"],"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await PublishAsync(host, "b", 60);
        Assert.Equal("b", await KindAsync(socket));
        await socket.SendAsync("""{"unwatch":["b"],"watch_batches":{"b":null}}""");
        Assert.Equal("batch", await KindAsync(socket));
    }

    [Fact]
    public async Task Batches_count_as_documents_of_the_stream()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 2);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null},"watch_batches":{"b":null}}""");

        await socket.SendAsync("""{"watch_batches":{"c":null}}""");

        Assert.Equal("error", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task Batch_of_a_client_that_leaves_frees_its_topic()
    {
        await using var host = await TestHost.StartAsync(progress => progress.Services.Configure<ProgressOptions>(options =>
            (options.Linger, options.QuietInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100))));
        var hub = host.Services.GetRequiredService<Hub.ProgressHub>();
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch_batches":{"b":null}}""");
        await Eventually.TrueAsync(() => hub.HasTopic(Subject.Batch("b")), "the batch's topic");

        await socket.SendAsync("""{"unwatch_batches":["b"]}""");

        await Eventually.TrueAsync(() => hub.TopicCount == 0, "no topic");
    }

    private static async Task<string?> KindAsync(SocketClient socket)
    {
        var message = await socket.ReadNewsAsync();
        return message.TryGetProperty("event", out var name) ? name.GetString() : message.GetProperty("document_id").GetString();
    }

    private static Task PublishAsync(TestHost host, string documentId, double percent, ProgressStatus status = ProgressStatus.Processing) =>
        host.PublishAsync(new(documentId, "x", percent) { Status = status, BatchId = "b" });
}
