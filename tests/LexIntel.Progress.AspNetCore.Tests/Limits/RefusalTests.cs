using LexIntel.Progress.AspNetCore.Tests.Access;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests.Limits;

/// <summary>What clients are told when a limit is reached.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task EventSource_over_a_limit_gets_a_stream_that_sends_it_away_for_the_moment()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxStreams = 1);
        await using var first = await host.StreamAsync("doc");
        await using var second = await host.StreamAsync("doc");

        Assert.Equal(200, second.Status);
        Assert.Contains("Content-Type: text/event-stream\n", second.Head, StringComparison.Ordinal);
        Assert.Collection(await second.ReadToEndAsync(),
            retry => Assert.Matches("^retry: [0-9]{4,5}$", retry),
            bye => Assert.Equal("event: bye\ndata: {\"reason\":\"too-many-streams\"}", bye));
    }

    [Fact]
    public async Task Other_client_over_the_limit_of_all_gets_503_with_Retry_After()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxStreams = 1);
        await using var first = await host.StreamAsync("doc");
        await using var second = await SseConnection.OpenAsync(host.Address, "/progress/documents/doc/stream", accept: "*/*");

        Assert.Equal(503, second.Status);
        Assert.Contains("Retry-After: ", second.Head, StringComparison.Ordinal);
        Assert.Contains("as many as MaxStreams allows", await second.ReadRestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_client_over_its_own_limit_gets_429_with_Retry_After_and_may_come_when_a_stream_ended()
    {
        await using var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, endpoints => endpoints.RequireAuthorization(), options => options.MaxStreamsPerUser = 1);
        var cookie = await host.CookieAsync("anna");
        await using (var first = await host.StreamAsync("doc", cookie))
        {
            await using var second = await SseConnection.OpenAsync(host.Host.Address, "/progress/documents/doc/stream", accept: "*/*", headers: cookie);
            Assert.Equal(429, second.Status);
            Assert.Contains("Retry-After: ", second.Head, StringComparison.Ordinal);
            await using var other = await host.StreamAsync("doc", await host.CookieAsync("berta"));
            Assert.Contains("connected", await other.ReadNewsAsync(), StringComparison.Ordinal);
        }

        await Eventually.GetAsync(
            async () =>
            {
                await using var again = await SseConnection.OpenAsync(host.Host.Address, "/progress/documents/doc/stream", accept: "*/*", headers: cookie);
                return again.Status;
            },
            status => status == 200,
            "the stream that ended no longer counts");
    }

    [Fact]
    public async Task Documents_beyond_the_limit_of_a_user_are_denied_and_the_rest_goes_on_and_finished_ones_give_room()
    {
        await using var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, endpoints => endpoints.RequireAuthorization(), options => options.MaxTopicsPerUser = 2);
        var cookie = await host.CookieAsync("anna");
        await using var stream = await host.StreamManyAsync(cookie, "a", "b", "c");
        Assert.Equal("event: denied\ndata: {\"document_id\":\"c\",\"status\":429}", await stream.ReadNewsAsync());
        await using var full = await host.StreamAsync("c", cookie);
        Assert.Equal("event: bye\ndata: {\"reason\":\"too-many-documents\"}", (await full.ReadToEndAsync())[^1]);

        await host.PublishAsync(new("a", "x", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("\"status\":\"completed\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);

        await using var room = await host.StreamAsync("c", cookie);
        Assert.Contains("connected", await room.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_streams_leave_no_topic_and_no_permit()
    {
        await using var host = await TestHost.StartAsync(protect: endpoints => endpoints.RequireProgressAccess((_, _) => new(ProgressAccess.Forbidden)), configure: options => options.MaxStreams = 1);
        for (var i = 0; i < 10; i++)
        {
            await using var stream = await host.StreamAsync($"doc-{i}");
            // Not 200 with bye: the one before gave its permit back.
            Assert.Equal(403, stream.Status);
            await stream.ReadRestAsync();
        }

        Assert.Equal(0, host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount);
    }
}
