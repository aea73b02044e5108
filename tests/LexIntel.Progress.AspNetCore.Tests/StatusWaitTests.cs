using System.Net;
using System.Text.Json;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Status requests that wait for something newer.</summary>
public sealed class StatusWaitTests
{
    [Fact]
    public async Task Waiting_request_is_answered_as_soon_as_there_is_something_newer()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        using var first = await GetAsync(host, "?wait=30");
        Assert.Equal(10, await PercentAsync(first));

        var waiting = GetAsync(host, "?wait=30", first.Headers.ETag!.ToString());
        await WaitingAsync(host);
        Assert.False(waiting.IsCompleted);
        await host.PublishAsync(new("doc", "x", 20));

        using var second = await waiting;
        Assert.Equal(20, await PercentAsync(second));
        Assert.Equal("live", second.Headers.GetValues("X-Progress-Source").Single());
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task Document_of_which_nothing_is_known_is_waited_for()
    {
        await using var host = await TestHost.StartAsync();
        var waiting = GetAsync(host, "?wait=30");
        await WaitingAsync(host);
        await host.PublishAsync(new("doc", "x", 10));

        using var response = await waiting;
        Assert.Equal(10, await PercentAsync(response));
    }

    [Fact]
    public async Task Pending_document_is_waited_for_by_its_ETag()
    {
        await using var host = await TestHost.StartAsync();
        using var pending = await GetAsync(host, "");
        var waiting = GetAsync(host, "?wait=30", pending.Headers.ETag!.ToString());
        await WaitingAsync(host);
        await host.PublishAsync(new("doc", "x", 10));

        using var response = await waiting;
        Assert.Equal(10, await PercentAsync(response));
    }

    [Fact]
    public async Task Nothing_newer_in_time_is_304_with_an_ETag_and_200_without()
    {
        await using var host = await TestHost.StartAsync();
        using var pending = await GetAsync(host, "?wait=0.1");
        Assert.Equal(HttpStatusCode.OK, pending.StatusCode);
        Assert.Contains("\"pending\"", await pending.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await host.PublishAsync(new("doc", "x", 10));
        using var first = await GetAsync(host, "");
        using var second = await GetAsync(host, "?wait=0.1", first.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task State_that_is_older_than_the_ETag_is_no_news()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        var waiting = GetAsync(host, "?wait=30", "\"9764000000000-1\"");
        await WaitingAsync(host);

        Assert.False(waiting.IsCompleted);
        await host.StopAsync();
        (await waiting).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("?wait=0.1")]
    public async Task State_that_is_older_than_the_ETag_is_304_with_the_newer_ETag(string query)
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        using var response = await GetAsync(host, query, "\"1764000000000-1\", \"9764000000000-1\", \"8764000000000-1\"");

        Assert.Equal((HttpStatusCode.NotModified, "\"9764000000000-1\""), (response.StatusCode, response.Headers.ETag?.Tag));
    }

    [Fact]
    public async Task Time_to_wait_is_capped()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxStatusWait = TimeSpan.FromMilliseconds(100));
        using var response = await GetAsync(host, "?wait=100000");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Stopping_host_answers_those_who_wait_at_once()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        using var first = await GetAsync(host, "");
        var waiting = GetAsync(host, "?wait=30", first.Headers.ETag!.ToString());
        await WaitingAsync(host);

        await host.StopAsync().WithinAsync("a stopped host", TimeSpan.FromSeconds(10));

        using var second = await waiting;
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Client_that_leaves_frees_its_topic()
    {
        await using var host = await TestHost.StartAsync(progress => progress.Services.Configure<ProgressOptions>(options =>
            (options.Linger, options.QuietInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100))));
        using var leave = new CancellationTokenSource();
        var waiting = host.Client.GetAsync("/progress/documents/doc/status?wait=30", leave.Token);
        await WaitingAsync(host);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount == 0, "no topic any more");
    }

    [Theory]
    [InlineData("?wait=")]
    [InlineData("?wait=soon")]
    [InlineData("?wait=-1")]
    [InlineData("?wait=NaN")]
    [InlineData("?wait=1e9")]
    [InlineData("?wait=1&wait=2")]
    public async Task Time_that_is_no_number_of_seconds_is_400(string query)
    {
        await using var host = await TestHost.StartAsync();
        using var response = await GetAsync(host, query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Write a number of seconds", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestHost host, string query, string? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/progress/documents/doc/status" + query);
        if (tag is not null)
            request.Headers.Add("If-None-Match", tag);
        return await host.Client.SendAsync(request);
    }

    private static Task WaitingAsync(TestHost host) =>
        Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount == 1, "a request that waits");

    private static async Task<double> PercentAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("progress").GetDouble();
}
