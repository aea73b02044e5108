using System.Text.Json;
using LexIntel.Progress.Testing;
using StackExchange.Redis;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Python services publish with a plain PUBLISH and store nothing. Not one byte of theirs may have to change.</summary>
public sealed class ExistingPublisherTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private StreamHostProcess _host = null!;
    private ConnectionMultiplexer _python = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        _redis = await RedisServer.LaunchAsync();
        _host = await StreamHostProcess.StartAsync(_redis);
        _python = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
    }

    public async ValueTask DisposeAsync()
    {
        if (_python is not null)
            await _python.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Messages_come_out_one_by_one_and_the_terminal_one_ends_the_stream()
    {
        await using var stream = await OpenAsync("abc-123");
        await Publish("abc-123", """{"document_id":"abc-123","status":"processing","step":"extraction","progress":10,"message":"Extracting…","timestamp":"2026-01-03T10:30:45.123456"}""");
        // A state that was not read in time is skipped, so the next comes when it was.
        List<string?> blocks = [await stream.ReadNewsAsync()];
        await Publish("abc-123", """{"progress":45,"step":"extraction","message":"Extracting text from document..."}""");
        blocks.Add(await stream.ReadNewsAsync());
        await Publish("abc-123", """{"status":"failed","error":"…","timestamp":"2026-01-03T10:30:45.123456"}""");
        blocks.AddRange(await stream.ReadToEndAsync());

        Assert.Equal(4, blocks.Count);
        Assert.Equal("""data: {"status":"processing","document_id":"abc-123","step":"extraction","progress":10,"message":"Extracting…","timestamp":"2026-01-03T10:30:45.123Z"}""", blocks[0]);
        Assert.StartsWith("""data: {"status":"processing","document_id":"abc-123","step":"extraction","progress":45,"message":"Extracting text from document...","timestamp":""", blocks[1], StringComparison.Ordinal);
        Assert.Equal("""data: {"status":"failed","document_id":"abc-123","step":"extraction","progress":45,"message":"","timestamp":"2026-01-03T10:30:45.123Z","error_message":"…"}""", blocks[2]);
        Assert.Equal(SseConnection.End("0-0"), blocks[3]);
    }

    [Fact]
    public async Task Late_joiner_gets_the_newest_foreign_state_while_somebody_watches()
    {
        await using var first = await OpenAsync("doc");
        await Publish("doc", """{"progress":60,"step":"embedding"}""");
        await first.ReadNewsAsync();

        await using var second = await _host.StreamAsync("doc");
        Assert.Contains("\"progress\":60,", await second.ReadNewsAsync(), StringComparison.Ordinal);
        var status = JsonElement.Parse(await _host.Client.GetStringAsync("/progress/documents/doc/status"));
        Assert.Equal(60, status.GetProperty("progress").GetDouble());
    }

    [Fact]
    public async Task Progress_100_of_a_step_does_not_end_the_stream_and_is_shown_as_99_9()
    {
        await using var stream = await OpenAsync("doc");
        await Publish("doc", """{"status":"processing","step":"extraction","progress":100}""");
        Assert.Contains("\"progress\":99.9,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await Publish("doc", """{"progress":5,"step":"embedding","status":"processing"}""");
        Assert.Contains("\"progress\":5,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await Publish("doc", """{"progress":100}""");

        Assert.Contains("\"status\":\"completed\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Equal(SseConnection.End("0-0"), await stream.ReadNewsAsync());
    }

    [Fact]
    public async Task Junk_on_the_channel_disturbs_nobody()
    {
        await using var stream = await OpenAsync("doc");
        foreach (var junk in Junk())
            await _python.GetSubscriber().PublishAsync(RedisChannel.Literal("document:doc:progress"), junk);
        await Publish("doc", "{\n  \"progress\" : 45 ,\r\n  \"message\" : \"pr\\u00e4zise\" ,\n  \"extra\" : {\n \"a\" : [ 1,\n 2 ] }\n}");

        var block = await stream.ReadNewsAsync();
        Assert.Single(block!.Split('\n'));
        var state = JsonElement.Parse(block["data: ".Length..]);
        Assert.Equal("präzise", state.GetProperty("message").GetString());
        Assert.Equal(2, state.GetProperty("extra").GetProperty("a")[1].GetInt32());
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData("*")]
    [InlineData("[ab]")]
    [InlineData("{}")]
    [InlineData("}{")]
    [InlineData("🎉")]
    public async Task Channel_of_any_id_is_literal(string id)
    {
        await using var stream = await OpenAsync(id);
        await Publish("other", """{"progress":1}""");
        await Publish("a", """{"progress":2}""");
        await Publish(id, """{"progress":3}""");

        Assert.Contains("\"progress\":3,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hosts_on_one_Redis_show_the_same_document()
    {
        await using var other = await StreamHostProcess.StartAsync(_redis);
        await using var first = await OpenAsync("doc");
        await using var second = await other.StreamAsync("doc");
        await SkipHead(second);
        await Publish("doc", """{"progress":33,"timestamp":"2026-01-03T10:30:45Z"}""");

        var seen = await first.ReadNewsAsync();
        Assert.Contains("\"progress\":33,", seen, StringComparison.Ordinal);
        Assert.Equal(seen, await second.ReadNewsAsync());
    }

    private static IEnumerable<RedisValue> Junk()
    {
        yield return "";
        yield return "not json";
        yield return "[1,2]";
        yield return "\"text\"";
        yield return "null";
        yield return "{\"progress\":NaN}";
        yield return "{\"progress\":1";
        yield return "{\"progress\":1}{\"progress\":2}";
        yield return "{\"progress\":1,\"progress\":2}";
        yield return "{\"document_id\":\"another\",\"progress\":1}";
        yield return "{\"revision\":\"1-0\",\"progress\":1}";
        yield return "{\"revision\":\"junk\",\"progress\":1}";
        yield return "{\"revision\":\"999999999999999-1\",\"progress\":1}";
        yield return "{\"message\":\"" + new string('x', 17_000) + "\"}";
        yield return new byte[] { 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d };
        yield return System.Text.Encoding.Unicode.GetBytes("{\"progress\":1}");
        yield return string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
    }

    private async Task<SseConnection> OpenAsync(string documentId)
    {
        var stream = await _host.StreamAsync(documentId);
        await SkipHead(stream);
        return stream;
    }

    /// <summary>The connected event comes when the channel is subscribed: nothing that is published from here on is missed.</summary>
    private static async Task SkipHead(SseConnection stream) => Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);

    private async Task Publish(string documentId, string message) =>
        await _python.GetSubscriber().PublishAsync(RedisChannel.Literal($"document:{documentId}:progress"), message);
}
