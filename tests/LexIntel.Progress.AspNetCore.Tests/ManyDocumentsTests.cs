using System.Net;
using System.Text;
using System.Text.Json;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Many documents on one stream.</summary>
public sealed class ManyDocumentsTests
{
    [Fact]
    public async Task Stream_carries_all_its_documents_and_ends_after_the_last()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a b", "x", 10));
        await using var stream = await GetAsync(host, "?documents=a%20b&documents=c%2Fd&documents=a%20b");
        Assert.StartsWith("HTTP/1.1 200 OK\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/event-stream\n", stream.Head, StringComparison.Ordinal);
        Assert.Contains("\"document_id\":\"a b\",\"step\":\"x\",\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);

        await host.PublishAsync(new("a b", "x", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("\"document_id\":\"a b\",\"step\":\"x\",\"progress\":100,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("c/d", "y", 5) { Status = ProgressStatus.Failed });
        var end = await stream.ReadNewsAsync();
        Assert.Contains("\"document_id\":\"c/d\",\"step\":\"y\",\"progress\":5,", end, StringComparison.Ordinal);

        Assert.Equal(SseConnection.End(IdOf(end)), await stream.ReadNewsAsync());
        Assert.Null(await stream.ReadBlockAsync());
    }

    [Fact]
    public async Task Documents_of_which_nothing_is_known_are_greeted_with_one_heartbeat()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await GetAsync(host, "?documents=a&documents=b&documents=c");
        Assert.StartsWith("retry: ", await stream.ReadBlockAsync(), StringComparison.Ordinal);
        Assert.Equal("event: heartbeat\ndata: {}", await stream.ReadBlockAsync());

        await host.PublishAsync(new("b", "x", 10));

        Assert.Contains("\"document_id\":\"b\"", await stream.ReadBlockAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconnect_by_GET_gets_the_newest_of_each_whatever_Last_Event_ID_says()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10));
        await host.PublishAsync(new("b", "x", 20));

        await using var stream = await GetAsync(host, "?documents=a&documents=b", "9999999999999-1");

        List<string?> news = [await stream.ReadNewsAsync(), await stream.ReadNewsAsync()];
        Assert.Contains(news, block => block!.Contains("\"document_id\":\"a\"", StringComparison.Ordinal));
        Assert.Contains(news, block => block!.Contains("\"document_id\":\"b\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnect_after_the_end_is_answered_204_until_any_document_has_something_newer()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10) { Status = ProgressStatus.Failed });
        await host.PublishAsync(new("b", "x", 20) { Status = ProgressStatus.Completed });
        await using var stream = await GetAsync(host, "?documents=a&documents=b");
        var end = IdOf((await stream.ReadToEndAsync())[^1]);

        await using (var again = await GetAsync(host, "?documents=a&documents=b", end))
            Assert.Equal(204, again.Status);

        // The older document of both: its new attempt is newer than anything the stream has shown.
        await host.PublishAsync(new("a", "x", 30) { NewAttempt = true, Status = ProgressStatus.Completed });
        await using var newer = await GetAsync(host, "?documents=a&documents=b", end);
        Assert.Equal(200, newer.Status);
        Assert.Contains(await newer.ReadToEndAsync(), block => block.Contains("\"progress\":30,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task POST_resumes_each_document_behind_its_own_revision()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10));
        await host.PublishAsync(new("b", "x", 20));
        await host.PublishAsync(new("c", "x", 100) { Status = ProgressStatus.Completed });
        await using var first = await PostAsync(host, """{"documents":{"a":null,"b":"junk","c":null}}""");
        var ids = new Dictionary<string, string>();
        for (var i = 0; i < 3; i++)
        {
            var block = await first.ReadNewsAsync();
            ids[Parse(block!).GetProperty("document_id").GetString()!] = IdOf(block);
        }

        await using var second = await PostAsync(host, Documents($"\"a\":\"{ids["a"]}\"", "\"b\":null", $"\"c\":\"{ids["c"]}\""));
        Assert.Contains("\"document_id\":\"b\"", await second.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a", "x", 30) { Status = ProgressStatus.Completed });
        Assert.Contains("\"document_id\":\"a\",\"step\":\"x\",\"progress\":30,", await second.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("b", "x", 40) { Status = ProgressStatus.Completed });
        Assert.Contains("\"document_id\":\"b\",\"step\":\"x\",\"progress\":40,", await second.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Contains("\nevent: end\n", await second.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_documents_are_denied_and_the_rest_goes_on()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseSnapshotSource<OnlyKnown>());
        await using var stream = await GetAsync(host, "?documents=nix&documents=known");

        List<string?> news = [await stream.ReadNewsAsync(), await stream.ReadNewsAsync()];
        Assert.Contains("event: denied\ndata: {\"document_id\":\"nix\",\"status\":404}", news);
        Assert.Contains(news, block => block!.Contains("\"document_id\":\"known\"", StringComparison.Ordinal));
        await host.PublishAsync(new("known", "x", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("\"status\":\"completed\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Contains("\nevent: end\n", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_unknown_documents_are_404()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseSnapshotSource<OnlyKnown>());
        using var response = await host.Client.GetAsync("/progress/stream?documents=nix&documents=nada");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("None of the 2 documents exists.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "No document is named. Name them in the query: ?documents=a&documents=b.")]
    [InlineData("?documents=", "A document id must not be empty.")]
    [InlineData("?documents=a&documents=..", "The document id '..' cannot stand in a URL")]
    [InlineData("?documents=a%0Ab", "The document id holds the control character U+000A.")]
    public async Task GET_that_cannot_be_served_is_400_with_the_reason(string query, string reason)
    {
        await using var host = await TestHost.StartAsync();
        using var response = await host.Client.GetAsync("/progress/stream" + query);

        await AssertRefusedAsync(response, reason);
    }

    [Fact]
    public async Task GET_of_more_than_100_documents_points_to_POST()
    {
        await using var host = await TestHost.StartAsync();
        using var response = await host.Client.GetAsync("/progress/stream?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"documents={i}")));

        await AssertRefusedAsync(response, "The URL names 101 documents, 100 are allowed. POST {\"documents\": {\"<id>\": \"<revision or null>\", …}} to the same address, which takes up to 1,000.");
    }

    [Theory]
    [InlineData("", "The body is not JSON in UTF-8.")]
    [InlineData("[]", "The body is not a JSON object.")]
    [InlineData("{}", "No document is named.")]
    [InlineData("""{"documents":{}}""", "No document is named.")]
    [InlineData("""{"documents":["a"]}""", "The documents are not a JSON object.")]
    [InlineData("""{"documents":{"a":1}}""", "The revision of document 'a' is neither a string nor null.")]
    [InlineData("""{"documents":{"":null}}""", "A document id must not be empty.")]
    [InlineData("""{"documents":{"\ud800":null}}""", "The body is not JSON in UTF-8.")]
    [InlineData("""{"documents":{"a":null}} {}""", "The body is not JSON in UTF-8.")]
    [InlineData("""{"documents":{"a":null}""", "The body is not JSON in UTF-8.")]
    [InlineData("""{"documents":{"a":null,"b":null,"c":null,"d":null}}""", "4 documents or more are named, 3 are allowed on one stream. Open several streams, or let the host raise LexIntel:Progress:MaxDocumentsPerStream.")]
    public async Task POST_that_cannot_be_served_is_400_with_the_reason(string body, string reason)
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 3);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("/progress/stream", content);

        await AssertRefusedAsync(response, reason);
    }

    [Fact]
    public async Task POST_with_too_large_a_body_is_400()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 1);
        using var content = new StringContent($$"""{"x":"{{new string('x', 3_000)}}"}""", Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("/progress/stream", content);

        await AssertRefusedAsync(response, "The body is larger than 2,624 bytes, which is room for 1 documents.");
    }

    [Fact]
    public async Task POST_of_another_type_is_400()
    {
        await using var host = await TestHost.StartAsync();
        using var content = new StringContent("""{"documents":{"a":null}}""", Encoding.UTF8, "text/plain");
        using var response = await host.Client.PostAsync("/progress/stream", content);

        await AssertRefusedAsync(response, "The body has the type 'text/plain; charset=utf-8'. Send JSON, with Content-Type: application/json.");
    }

    [Fact]
    public async Task Body_of_the_longest_ids_fits()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 50);
        // As long as they can be written: some escape whatever is not plain.
        var escaped = string.Concat(Enumerable.Repeat("\\u002B", 253));
        var ids = Enumerable.Range(0, 50).Select(i => $"\"{i:D3}{escaped}\":\"1764000000000-123456789012345\"");
        await using var stream = await PostAsync(host, Documents([.. ids]));

        Assert.Equal(200, stream.Status);
    }

    [Fact]
    public async Task Thousand_documents_on_one_stream_open_with_few_reads_and_all_end()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await TestHost.StartAsync(progress => progress.UseRedis(redis.Configuration));
        for (var i = 0; i < 1_000; i++)
            await host.Publisher.PublishAsync(new($"d{i}", "x", 10));
        Assert.True(await host.Publisher.FlushAsync(Eventually.Limit));
        await using var observer = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        var server = observer.GetServer(redis.Configuration);
        await server.ConfigResetStatisticsAsync();

        await using var stream = await PostAsync(host, Documents([.. Enumerable.Range(0, 1_000).Select(i => $"\"d{i}\":null")]));
        var seen = new HashSet<string>();
        while (seen.Count < 1_000)
            Assert.True(seen.Add(Parse((await stream.ReadNewsAsync())!).GetProperty("document_id").GetString()!));
        var reads = (await server.InfoAsync("commandstats")).Single().Single(line => line.Key == "cmdstat_mget").Value;
        var calls = int.Parse(reads.Split(',')[0].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(calls, 1, 100);

        for (var i = 0; i < 1_000; i++)
            await host.Publisher.PublishAsync(new($"d{i}", "x", 100) { Status = ProgressStatus.Completed });
        var blocks = await stream.ReadToEndAsync();
        Assert.Equal(1_000, blocks.Count(block => block.Contains("\"status\":\"completed\"", StringComparison.Ordinal)));
        Assert.Contains("\nevent: end\n", blocks[^1], StringComparison.Ordinal);
    }

    private static Task<SseConnection> GetAsync(TestHost host, string query, string? lastEventId = null) =>
        SseConnection.OpenAsync(host.Address, "/progress/stream" + query, lastEventId);

    private static Task<SseConnection> PostAsync(TestHost host, string json) => SseConnection.OpenAsync(host.Address, "/progress/stream", json: json);

    private static string Documents(params string[] pairs) => "{\"extra\":[{}],\"documents\":{" + string.Join(',', pairs) + "}}";

    private static string IdOf(string? block) => block!.Split('\n')[0]["id: ".Length..];

    private static JsonElement Parse(string block) => JsonElement.Parse(block[(block.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..]);

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string reason)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var detail = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString();
        Assert.StartsWith(reason, detail, StringComparison.Ordinal);
    }

    private sealed class OnlyKnown : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) =>
            new(documentIds.Contains("known") ? [new() { DocumentId = "known", Status = ProgressStatus.Processing, Percent = 30 }] : []);
    }
}
