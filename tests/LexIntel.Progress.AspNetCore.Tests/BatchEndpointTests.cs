using System.Globalization;
using System.Net;
using System.Text.Json;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Batches as clients see them, byte by byte.</summary>
public sealed class BatchEndpointTests(Chromium chromium)
{
    [Fact]
    public async Task Stream_sends_the_newest_aggregate_then_newer_ones_and_ends_when_the_batch_is_finished()
    {
        await using var host = await TestHost.StartAsync();
        await host.Publisher.DeclareBatchAsync(new("b", 2));
        await PublishAsync(host, "a", 50);

        await using var stream = await StreamAsync(host);
        var first = await stream.ReadNewsAsync();
        await PublishAsync(host, "a", 100, ProgressStatus.Completed);
        await PublishAsync(host, "c", 30, ProgressStatus.Failed);
        var blocks = await stream.ReadToEndAsync();

        Assert.Matches(
            """^id: [0-9]{13}-2\nevent: batch\ndata: \{"revision":"[0-9]{13}-2","batch_id":"b","status":"processing","total":2,"pending":1,"processing":1,"completed":0,"failed":0,"cancelled":0,"progress":25,"timestamp":"[-0-9T:.]+Z"\}$""",
            first);
        Assert.Matches("""^id: [0-9]{13}-4\nevent: batch\ndata: \{.*"status":"completed","total":2,"pending":0,"processing":0,"completed":1,"failed":1,"cancelled":0,"progress":100,""", blocks[^2]);
        Assert.Matches("^id: [0-9]{13}-4-end\nevent: end\ndata: \\{\\}$", blocks[^1]);
        Assert.Contains("Content-Type: text/event-stream", stream.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_of_an_unknown_batch_begins_with_a_heartbeat_and_waits_for_it()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await StreamAsync(host);
        Assert.StartsWith("retry: ", await stream.ReadBlockAsync(), StringComparison.Ordinal);
        Assert.Equal("event: heartbeat\ndata: {}", await stream.ReadBlockAsync());

        await host.Publisher.DeclareBatchAsync(new("b", 7));

        Assert.Contains("\"total\":7,\"pending\":7,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_after_a_revision_sends_only_newer_aggregates_and_after_the_end_there_is_nothing_until_the_batch_grows()
    {
        await using var host = await TestHost.StartAsync();
        await PublishAsync(host, "a", 100, ProgressStatus.Completed);
        await using var first = await StreamAsync(host);
        var end = (await first.ReadToEndAsync())[^1].Split('\n')[0]["id: ".Length..];

        await using var again = await StreamAsync(host, end);
        Assert.Equal(204, again.Status);
        await PublishAsync(host, "c", 40);
        await using var grown = await StreamAsync(host, end);
        Assert.Contains("\"status\":\"processing\",\"total\":2,", await grown.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_the_aggregate_with_its_revision_as_tag()
    {
        await using var host = await TestHost.StartAsync();
        await PublishAsync(host, "a", 50);

        using var answer = await host.Client.GetAsync("/progress/batches/b/status");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/progress/batches/b/status");
        request.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var same = await host.Client.SendAsync(request);

        var batch = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(("b", 1, 50), (batch.GetProperty("batch_id").GetString(), batch.GetProperty("processing").GetInt32(), batch.GetProperty("progress").GetInt32()));
        Assert.Equal($"\"{batch.GetProperty("revision").GetString()}\"", answer.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Fact]
    public async Task Status_that_waits_answers_with_the_next_aggregate()
    {
        await using var host = await TestHost.StartAsync();
        await PublishAsync(host, "a", 50);
        using var answer = await host.Client.GetAsync("/progress/batches/b/status");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/progress/batches/b/status?wait=30");
        request.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        var waiting = host.Client.SendAsync(request);

        await PublishAsync(host, "c", 50);

        using var next = await waiting;
        Assert.Contains("\"processing\":2,", await next.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_of_an_unknown_batch_is_pending_and_empty()
    {
        await using var host = await TestHost.StartAsync();

        var json = await host.Client.GetStringAsync("/progress/batches/nothing/status");

        Assert.StartsWith("""{"batch_id":"nothing","status":"pending","total":0,"pending":0,"processing":0,"completed":0,"failed":0,"cancelled":0,"progress":0,"timestamp":""", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Id_is_decoded_once_and_a_document_of_the_same_name_is_another_thing()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a/b", "x", 10) { BatchId = "a%2Fb" });
        await host.PublishAsync(new("a%2Fb", "x", 60));

        var batch = JsonElement.Parse(await host.Client.GetStringAsync("/progress/batches/a%252Fb/status"));
        var document = JsonElement.Parse(await host.Client.GetStringAsync("/progress/documents/a%252Fb/status"));

        Assert.Equal(("a%2Fb", 10), (batch.GetProperty("batch_id").GetString(), batch.GetProperty("progress").GetInt32()));
        Assert.Equal(("a%2Fb", 60), (document.GetProperty("document_id").GetString(), document.GetProperty("progress").GetInt32()));
        using var wrong = await host.Client.GetAsync("/progress/batches/%FF/status");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("batch id", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProgressAccess.Forbidden, 403)]
    [InlineData(ProgressAccess.NotFound, 404)]
    public async Task Batch_is_a_resource_of_its_own(ProgressAccess access, int expected)
    {
        List<ProgressResource> asked = [];
        await using var host = await TestHost.StartAsync(protect: endpoints => endpoints.RequireProgressAccess((request, _) =>
        {
            lock (asked)
                asked.Add(request.Resource);
            return new(request.Resource is ProgressBatchResource { BatchId: "secret" } ? access : ProgressAccess.Allowed);
        }));
        await host.PublishAsync(new("secret", "x", 10) { BatchId = "secret" });

        foreach (var path in (string[])["stream", "status"])
        {
            await using var answer = await SseConnection.OpenAsync(host.Address, $"/progress/batches/secret/{path}");
            Assert.Equal(expected, answer.Status);
            Assert.DoesNotContain("total", await answer.ReadRestAsync(), StringComparison.Ordinal);
        }

        using var document = await host.Client.GetAsync("/progress/documents/secret/status");
        Assert.Equal(HttpStatusCode.OK, document.StatusCode);
        Assert.Equal([new ProgressBatchResource("secret"), new ProgressBatchResource("secret"), new ProgressDocumentResource("secret")], asked);
    }

    [Fact]
    public async Task Batch_of_1000_documents_from_two_processes_ends_with_exact_counts_in_the_browser_over_one_connection()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        const string html = """
            <!doctype html><title>Batch</title><output id="last"></output><output id="end"></output>
            <script>
              const source = new EventSource("/progress/batches/b/stream");
              source.addEventListener("batch", ({ data }) => {
                const { total, pending, processing, completed, failed, cancelled, progress } = JSON.parse(data);
                document.querySelector("#last").textContent = [total, pending, processing, completed, failed, cancelled, progress].join(" ");
              });
              source.onerror = () => { if (source.readyState === EventSource.CLOSED) document.querySelector("#end").textContent = "closed"; };
            </script>
            """;
        await using var host = await TestHost.StartAsync(
            progress => progress.UseRedis(redis.Configuration), options => (options.RetryMin, options.RetryMax) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)),
            app => app.MapGet("/", (RequestDelegate)(async context => await Results.Content(html, "text/html").ExecuteAsync(context))));
        await using var one = Worker(redis);
        await using var two = Worker(redis);
        var workers = new[] { one.GetRequiredService<IProgressPublisher>(), two.GetRequiredService<IProgressPublisher>() };
        await workers[0].DeclareBatchAsync(new("b", 1000));
        var page = await chromium.OpenAsync(host.Address);
        await Assertions.Expect(page.Locator("#last")).ToHaveTextAsync("1000 1000 0 0 0 0 0");

        var started = Environment.TickCount64;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, token) =>
        {
            await using var job = workers[i % 2].Start(i.ToString(CultureInfo.InvariantCulture), options: new() { BatchId = "b", BatchWeight = 1 + (i % 3) });
            for (var step = 1; step <= 4; step++)
            {
                await Task.Yield();
                job.Report(step / 4.0);
            }

            if (i % 50 == 0)
                job.Fail("unreadable");
            else if (i % 50 == 1)
                job.Cancel();
            else
                job.Complete();
        });

        await Assertions.Expect(page.Locator("#last")).ToHaveTextAsync("1000 0 0 960 20 20 100", new() { Timeout = 20_000 });
        Assert.InRange(Environment.TickCount64 - started, 0, 20_000);
        await Assertions.Expect(page.Locator("#end")).ToHaveTextAsync("closed");
        // One stream, and the return that learns that there is no more.
        Assert.Equal([200, 204], host.Requests.Where(request => request.Contains("/stream", StringComparison.Ordinal)).Select(request => int.Parse(request.Split(' ')[^1], CultureInfo.InvariantCulture)));
    }

    private static ServiceProvider Worker(RedisServer redis)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseRedis(redis.Configuration);
        return services.BuildServiceProvider();
    }

    private static Task PublishAsync(TestHost host, string documentId, double percent, ProgressStatus status = ProgressStatus.Processing) =>
        host.PublishAsync(new(documentId, "x", percent) { Status = status, BatchId = "b" });

    private static Task<SseConnection> StreamAsync(TestHost host, string? lastEventId = null) =>
        SseConnection.OpenAsync(host.Address, "/progress/batches/b/stream", lastEventId);
}
