using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Interop;

/// <summary>Clients that others wrote, against a real Kestrel. Chromium's own are in <see cref="ExistingPageTests"/> and <see cref="SocketTests"/>.</summary>
public sealed class InteropTests
{
    private const string Curl = "/usr/bin/curl";

    [Theory]
    [InlineData("eventsource")]
    [InlineData("eventsource-client")]
    public async Task Client_of_npm_sees_the_states_comes_back_behind_what_it_has_and_stops_at_the_end(string client)
    {
        Assert.SkipWhen(NodeClient.WhyMissing is not null, NodeClient.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync(configure: options =>
            (options.MaxStreamAge, options.RetryMin, options.RetryMax) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)));
        await host.PublishAsync(new("doc", "x", 10));
        await using var node = await NodeClient.StartAsync(client, new Uri(host.Address, "/progress/documents/doc/stream"));
        List<string?> lines = [];
        await ReadToAsync("processing 10");
        await host.PublishAsync(new("doc", "x", 20));
        await ReadToAsync("processing 20");
        await ReadToAsync("bye max-age");
        await host.PublishAsync(new("doc", "x", 100) { Status = ProgressStatus.Completed });
        await ReadToAsync(null);

        Assert.Equal(["processing 10", "processing 20", "completed 100", "closed", null], lines.Where(line => line != "bye max-age"));
        await Eventually.TrueAsync(() => Requests().Any(request => request.EndsWith("-3-end 204", StringComparison.Ordinal)), "the last answer");
        Assert.All(Requests().Skip(1), request => Assert.Matches("^/progress/documents/doc/stream [0-9]{13}-([12] 200|3-end 204)$", request));
        Assert.True(Requests().Count > 2);

        async Task ReadToAsync(string? last)
        {
            do
            {
                lines.Add(await node.ReadAsync());
            }
            while (lines[^1] != last);
        }

        List<string> Requests()
        {
            lock (host.Requests)
                return [.. host.Requests];
        }
    }

    [Fact]
    public async Task Parser_of_NET_sees_the_states_and_the_id_after_which_nothing_more_comes()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        using var client = new HttpClient { BaseAddress = host.Address };
        using var response = await client.GetAsync("/progress/documents/doc/stream", HttpCompletionOption.ResponseHeadersRead);
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync());
        List<string> seen = [];
        await foreach (var item in parser.EnumerateAsync())
        {
            seen.Add(item.EventType == SseParser.EventTypeDefault ? (string)JsonNode.Parse(item.Data)!["status"]! : item.EventType);
            if (seen.Count == 1)
                await host.PublishAsync(new("doc", "x", 100) { Status = ProgressStatus.Completed });
        }

        Assert.Equal(["processing", "completed", "end"], seen);
        Assert.Matches("^[0-9]{13}-2-end$", parser.LastEventId);
        Assert.InRange(parser.ReconnectionInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(60));
        using var again = new HttpRequestMessage(HttpMethod.Get, "/progress/documents/doc/stream") { Headers = { { "Last-Event-ID", parser.LastEventId } } };
        using var answer = await client.SendAsync(again);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task WebSocket_of_Node_sees_documents_batches_and_the_hosts_end()
    {
        Assert.SkipWhen(NodeClient.WhyMissing is not null, NodeClient.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10) { BatchId = "b" });
        await using var node = await NodeClient.StartAsync("WebSocket", new UriBuilder(host.Address) { Scheme = "ws", Path = "/progress/socket" }.Uri);
        Assert.Equal(["batch 1", "pong 7", "processing 10"], new[] { await node.ReadAsync(), await node.ReadAsync(), await node.ReadAsync() }.Order(StringComparer.Ordinal));

        await host.PublishAsync(new("doc", "x", 100) { Status = ProgressStatus.Completed });
        Assert.Equal("completed 100", await node.ReadAsync());
        await host.StopAsync();

        Assert.Equal("bye shutdown", await node.ReadAsync());
        Assert.Equal("closed 1001 shutdown", await node.ReadAsync());
        Assert.Null(await node.ReadAsync());
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2-prior-knowledge")]
    public async Task Curl_prints_the_events_as_they_come_and_ends_well(string version)
    {
        Assert.SkipUnless(File.Exists(Curl), "curl is not installed. Install it (apt-get install curl), or run ./test.sh, which does.");
        await using var host = await TestHost.StartAsync(protocols: version == "--http1.1"
            ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1 : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        using var curl = Process.Start(new ProcessStartInfo(Curl, ["-N", "-sS", "-f", version, new Uri(host.Address, "/progress/documents/doc/stream").ToString()]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.StartsWith("retry: ", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await LineAsync());
        Assert.StartsWith("data: {\"status\":\"connected\",", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await LineAsync());

        await host.PublishAsync(new("doc", "x", 10));
        Assert.Matches("^id: [0-9]{13}-1$", await LineAsync());
        Assert.Contains("\"progress\":10,", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await LineAsync());
        await host.PublishAsync(new("doc", "x", 10) { Status = ProgressStatus.Failed });
        var rest = await curl.StandardOutput.ReadToEndAsync().WithinAsync("curl's end");
        await curl.WaitForExitAsync();

        Assert.Matches("^id: [0-9]{13}-2\ndata: .*\"status\":\"failed\".*\n\nid: [0-9]{13}-2-end\nevent: end\ndata: \\{\\}\n\n$", rest);
        Assert.True(curl.ExitCode == 0, await curl.StandardError.ReadToEndAsync());

        async Task<string?> LineAsync() => await curl.StandardOutput.ReadLineAsync().WithinAsync("a line of curl's");
    }
}
