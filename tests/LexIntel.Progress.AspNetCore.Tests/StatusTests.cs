using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task Unknown_document_without_source_is_pending()
    {
        await using var host = await TestHost.StartAsync();
        using var response = await host.Client.GetAsync("/progress/documents/abc/status");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var state = await Read(response);
        Assert.Equal(("abc", "pending", 0), (state.GetProperty("document_id").GetString(), state.GetProperty("status").GetString(), state.GetProperty("progress").GetInt32()));
    }

    [Fact]
    public async Task Unknown_document_with_source_is_404_on_both_endpoints()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseSnapshotSource<Source>());

        using var status = await host.Client.GetAsync("/progress/documents/nix/status");
        Assert.Equal(HttpStatusCode.NotFound, status.StatusCode);
        Assert.Equal("application/problem+json", status.Content.Headers.ContentType?.MediaType);
        await using var stream = await host.StreamAsync("nix");
        Assert.Equal(404, stream.Status);
    }

    [Fact]
    public async Task Document_that_only_the_source_knows_comes_from_the_database_and_ends_its_stream()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseSnapshotSource<Source>());

        using var status = await host.Client.GetAsync("/progress/documents/done/status");
        Assert.Equal("database", status.Headers.GetValues("X-Progress-Source").Single());
        Assert.Equal("completed", (await Read(status)).GetProperty("status").GetString());
        await using var stream = await host.StreamAsync("done");
        var blocks = await stream.ReadToEndAsync();
        Assert.StartsWith("data: {\"status\":\"completed\"", blocks[1], StringComparison.Ordinal);
        Assert.Equal(SseConnection.End("0-0"), blocks[2]);
        await using var again = await host.StreamAsync("done", "0-0-end");
        Assert.Equal(204, again.Status);
    }

    [Fact]
    public async Task State_comes_in_full_form_with_its_revision_as_ETag()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "extraction", 10));
        await host.PublishAsync(new("doc", "embedding", 50));
        using var response = await host.Client.GetAsync("/progress/documents/doc/status");

        var state = await Read(response);
        Assert.Equal($"\"{state.GetProperty("revision").GetString()}\"", response.Headers.ETag?.Tag);
        Assert.Equal(["extraction", "embedding"], state.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.Equal("private, no-cache", response.Headers.CacheControl?.ToString().Replace("no-cache, private", "private, no-cache", StringComparison.Ordinal));
        Assert.Equal("backplane", response.Headers.GetValues("X-Progress-Source").Single());
        Assert.DoesNotContain("lease", state.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_None_Match_of_the_present_state_is_answered_304_until_it_changes()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        using var first = await host.Client.GetAsync("/progress/documents/doc/status");

        Assert.Equal(HttpStatusCode.NotModified, await GetIfChanged(host, first.Headers.ETag!.ToString()));
        await host.PublishAsync(new("doc", "a", 20));
        Assert.Equal(HttpStatusCode.OK, await GetIfChanged(host, first.Headers.ETag.ToString()));
    }

    [Fact]
    public async Task Watched_document_is_answered_live()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "a", 10));
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadNewsAsync();
        using var response = await host.Client.GetAsync("/progress/documents/doc/status");

        Assert.Equal("live", response.Headers.GetValues("X-Progress-Source").Single());
    }

    [Fact]
    public async Task Redis_away_without_source_is_503_with_Retry_After_and_never_pending()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseRedis("127.0.0.1:1,connectTimeout=200"));
        using var response = await host.Client.GetAsync("/progress/documents/doc/status");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Redis_away_with_source_is_answered_from_the_database_and_the_stream_says_degraded()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseRedis("127.0.0.1:1,connectTimeout=200").UseSnapshotSource<Source>());
        using var response = await host.Client.GetAsync("/progress/documents/running/status");
        Assert.Equal("processing", (await Read(response)).GetProperty("status").GetString());
        Assert.Equal("database", response.Headers.GetValues("X-Progress-Source").Single());

        await using var stream = await host.StreamAsync("running");
        Assert.Equal(200, stream.Status);
        List<string?> news = [await stream.ReadNewsAsync(), await stream.ReadNewsAsync()];
        Assert.Contains(news, block => block!.StartsWith("data: {\"status\":\"processing\"", StringComparison.Ordinal));
        Assert.Contains(news, block => block!.StartsWith("event: degraded\ndata: {\"since\":\"", StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> GetIfChanged(TestHost host, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/progress/documents/doc/status");
        request.Headers.Add("If-None-Match", tag);
        using var response = await host.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<JsonElement> Read(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync());

    private sealed class Source : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken)
        {
            List<ProgressSnapshot> known = [];
            if (documentIds.Contains("done"))
                known.Add(new() { DocumentId = "done", Status = ProgressStatus.Completed, Percent = 100 });
            if (documentIds.Contains("running"))
                known.Add(new() { DocumentId = "running", Status = ProgressStatus.Processing, Percent = 30 });
            return new(known);
        }
    }
}
