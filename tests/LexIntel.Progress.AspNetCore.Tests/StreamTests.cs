using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed partial class StreamTests
{
    [Fact]
    public async Task Stream_of_unknown_document_has_headers_and_a_connected_event_at_once()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await host.StreamAsync("abc");

        Assert.StartsWith("HTTP/1.1 200 OK\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/event-stream\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("Cache-Control: no-store\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("X-Accel-Buffering: no\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("Content-Encoding: identity\n", stream.Head, StringComparison.Ordinal);
        Assert.Matches("^retry: [1-3][0-9]{3}$", await stream.ReadBlockAsync());
        Assert.Matches("""^data: \{"status":"connected","document_id":"abc","step":"waiting","progress":0,"message":"","timestamp":"[-0-9T:.]+Z"\}$""", await stream.ReadBlockAsync());
    }

    [Fact]
    public async Task Stream_of_plain_update_has_these_bytes()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a b", "extraction", 60.04, "Seite 3 – „Vertrag“ 🎉") { Timestamp = new(2026, 1, 3, 10, 30, 45, 123, TimeSpan.Zero), Remaining = TimeSpan.FromSeconds(41.2) });
        await using var stream = await host.StreamAsync("a b");

        await stream.ReadBlockAsync();
        var block = await stream.ReadBlockAsync();
        Assert.Matches("""
            ^id: [0-9]{13}-1
            data: \{"revision":"[0-9]{13}-1","status":"processing","document_id":"a b","step":"extraction","progress":60,"message":"Seite 3 – „Vertrag“ \\uD83C\\uDF89","timestamp":"2026-01-03T10:30:45.123Z","remaining_seconds":42,"steps":\[\{"name":"extraction","status":"processing","started":"[-0-9T:.]+Z"\}\]\}$
            """.ReplaceLineEndings("\n").Trim(), block);
    }

    [Fact]
    public async Task Live_update_with_estimate_takes_at_most_280_bytes()
    {
        await using var host = await TestHost.StartAsync();
        var id = Guid.NewGuid().ToString();
        await host.PublishAsync(new(id, "extraction", 10, "Extracting text from page 9 of 100"));
        await using var stream = await host.StreamAsync(id);
        await stream.ReadNewsAsync();

        await host.PublishAsync(new(id, "extraction", 45.5, "Extracting page 45 of 100") { Remaining = TimeSpan.FromSeconds(120) });

        var block = await stream.ReadNewsAsync();
        Assert.DoesNotContain("steps", block, StringComparison.Ordinal);
        // The empty line, and the size and line ends of the HTTP chunk.
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(block!) + 2 + 7, 100, 280);
    }

    [Fact]
    public async Task Reader_that_joins_late_sees_the_newest_state_first()
    {
        await using var host = await TestHost.StartAsync();
        await using var job = host.Publisher.Start("doc", new(("extraction", 1)));
        job.StartStep("extraction");
        job.Report(0.6);
        await host.Publisher.FlushAsync(TimeSpan.FromSeconds(10));

        await using var stream = await host.StreamAsync("doc");
        await stream.ReadBlockAsync();
        Assert.Contains("\"progress\":60,", await stream.ReadBlockAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconnect_with_Last_Event_ID_gets_only_newer_states()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var first = await host.StreamAsync("doc");
        var id = IdOf(await first.ReadNewsAsync());

        await using var second = await host.StreamAsync("doc", id);
        await second.ReadBlockAsync();
        Assert.Equal("event: heartbeat\ndata: {}", await second.ReadBlockAsync());
        await host.PublishAsync(new("doc", "a", 20));

        var news = await second.ReadNewsAsync();
        Assert.Contains("\"progress\":20,", news, StringComparison.Ordinal);
        Assert.NotEqual(id, IdOf(news));
    }

    [Fact]
    public async Task LastEventId_in_the_query_counts_like_the_header()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var first = await host.StreamAsync("doc");
        var id = IdOf(await first.ReadNewsAsync());

        await using var second = await SseConnection.OpenAsync(host.Address, $"/progress/documents/doc/stream?lastEventId={id}");
        await second.ReadBlockAsync();
        Assert.StartsWith("event: heartbeat", await second.ReadBlockAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("junk")]
    [InlineData("-end")]
    [InlineData("1-end")]
    [InlineData("0-0")]
    [InlineData("01-1")]
    [InlineData("-1-1")]
    [InlineData("1-1-1-end")]
    [InlineData("999999999999999-1")]
    [InlineData("9999999999999999999999999-1-end")]
    [InlineData("1764000000000-17\u00fc")]
    public async Task Last_Event_ID_that_is_junk_is_ignored(string junk)
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var stream = await host.StreamAsync("doc", junk);

        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ends_after_the_terminal_state_with_an_id_that_is_answered_204()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadNewsAsync();
        await host.PublishAsync(new("doc", "a", 100) { Status = ProgressStatus.Completed });

        var end = await stream.ReadNewsAsync();
        Assert.Contains("\"status\":\"completed\"", end, StringComparison.Ordinal);
        var last = await stream.ReadBlockAsync();
        Assert.Equal(SseConnection.End(IdOf(end)), last);
        Assert.Null(await stream.ReadBlockAsync());

        await using var again = await host.StreamAsync("doc", IdOf(last));
        Assert.Equal(204, again.Status);
    }

    [Fact]
    public async Task Reconnect_after_the_end_finds_a_newer_attempt()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 100) { Status = ProgressStatus.Failed, ErrorMessage = "No." });
        await using var stream = await host.StreamAsync("doc");
        var id = IdOf(await stream.ReadNewsAsync());
        await host.PublishAsync(new("doc", "a", 5) { NewAttempt = true });

        await using var again = await host.StreamAsync("doc", id + "-end");
        Assert.Contains("\"run\":2,\"status\":\"processing\"", await again.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconnect_that_missed_only_the_end_block_gets_it_and_no_state()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 100) { Status = ProgressStatus.Completed });
        await using var stream = await host.StreamAsync("doc");
        var id = IdOf(await stream.ReadNewsAsync());

        await using var again = await host.StreamAsync("doc", id);
        Assert.Collection(await again.ReadToEndAsync(), retry => Assert.StartsWith("retry:", retry, StringComparison.Ordinal), end => Assert.Equal(SseConnection.End(id), end));
    }

    [Fact]
    public async Task Retrying_does_not_end_the_stream_and_the_next_attempt_follows_on_it()
    {
        await using var host = await TestHost.StartAsync();
        var first = host.Publisher.Start("doc");
        first.Report(0.5);
        first.Retry("The model was busy.");
        await host.Publisher.FlushAsync(TimeSpan.FromSeconds(10));
        await using var stream = await host.StreamAsync("doc");
        Assert.Contains("\"status\":\"retrying\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);

        var second = host.Publisher.Start("doc");
        second.Complete();

        var blocks = await stream.ReadToEndAsync();
        Assert.Contains(blocks, block => block.Contains("\"run\":2,\"status\":\"completed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silent_stream_sends_named_heartbeats()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100));
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadBlockAsync();
        await stream.ReadBlockAsync();

        for (var i = 0; i < 3; i++)
            Assert.Equal("event: heartbeat\ndata: {}", await stream.ReadBlockAsync());
    }

    [Fact]
    public async Task Stopping_host_says_bye_and_ends_streams_at_once()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadBlockAsync();
        await stream.ReadBlockAsync();

        // The framework alone would wait 30 s for open requests.
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Matches("^retry: [0-9]+$", await stream.ReadBlockAsync());
        Assert.Equal("event: bye\ndata: {\"reason\":\"shutdown\"}", await stream.ReadBlockAsync());
        Assert.Null(await stream.ReadBlockAsync());
    }

    [Theory]
    [InlineData(ProgressStatus.Retrying)]
    [InlineData(ProgressStatus.Completed)]
    public async Task Stopping_host_still_says_the_state_that_it_has(ProgressStatus status)
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadNewsAsync();
        // The stop has begun, and no stream has said so yet.
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(
            () => host.PublishAsync(new("doc", "a", 20) { Status = status }).GetAwaiter().GetResult());

        await host.StopAsync();

        Assert.Contains("\"progress\":20", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        var rest = string.Join('\n', await stream.ReadToEndAsync());
        if (status.IsTerminal)
            Assert.Matches("^id: [0-9]+-[0-9]+-end\nevent: end\ndata: \\{\\}$", rest);
        else
            Assert.EndsWith("event: bye\ndata: {\"reason\":\"shutdown\"}", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_host_does_not_wait_for_a_client_that_does_not_read()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadBlockAsync();
        // Far more than sockets and pipes hold; each is another state, so each is written.
        for (var i = 0; i < 3_000; i++)
            await host.Publisher.PublishAsync(new("doc", "a", i / 30.0, new string('x', 1_000)));

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Client_that_leaves_frees_its_topic()
    {
        await using var host = await TestHost.StartAsync(progress => progress.Services.Configure<ProgressOptions>(options =>
            (options.Linger, options.QuietInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100))));
        var hub = host.Services.GetRequiredService<Hub.ProgressHub>();
        await using (var stream = await host.StreamAsync("doc"))
            await stream.ReadBlockAsync();

        await Eventually.TrueAsync(() => hub.TopicCount == 0, "no topic any more");
    }

    [Fact]
    public async Task Newlines_in_texts_cannot_break_out_of_their_event()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a\nid: 1-1", 10, "x\r\n\r\nevent: bye\ndata: {}\u2028"));
        await using var stream = await host.StreamAsync("doc");

        var block = await stream.ReadNewsAsync();
        Assert.Equal(2, block!.Split('\n').Length);
        Assert.Contains("x\\r\\n\\r\\nevent: bye", block, StringComparison.Ordinal);
    }

    private static string IdOf(string? block) => IdLine().Match(block!).Groups[1].Value;

    [GeneratedRegex("^id: (.+)$", RegexOptions.Multiline)]
    private static partial Regex IdLine();
}
