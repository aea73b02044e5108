using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Behind an HAProxy that cuts what is silent for two seconds.</summary>
public sealed class HaproxyTests
{
    [Fact]
    public async Task Heartbeats_keep_a_stream_open_beyond_the_timeout_of_the_proxy()
    {
        Assert.SkipWhen(HaproxyServer.WhyMissing is not null, HaproxyServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(500));
        await using var haproxy = await HaproxyServer.LaunchAsync(host.Address);
        await using var stream = await SseConnection.OpenAsync(haproxy.Address, "/progress/documents/doc/stream");
        await stream.ReadNewsAsync();

        // More than two seconds of nothing else.
        for (var i = 0; i < 6; i++)
            Assert.Equal("event: heartbeat\ndata: {}", await stream.ReadBlockAsync());
        await host.PublishAsync(new("doc", "x", 10));

        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_that_the_proxy_cuts_frees_its_place_and_its_client_resumes()
    {
        Assert.SkipWhen(HaproxyServer.WhyMissing is not null, HaproxyServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await using var haproxy = await HaproxyServer.LaunchAsync(host.Address);
        await host.PublishAsync(new("doc", "x", 10));
        await using var stream = await SseConnection.OpenAsync(haproxy.Address, "/progress/documents/doc/stream");
        var id = (await stream.ReadNewsAsync())!.Split('\n')[0]["id: ".Length..];
        Assert.Null(await stream.ReadBlockAsync());

        await host.PublishAsync(new("doc", "x", 20));
        await using var again = await SseConnection.OpenAsync(haproxy.Address, "/progress/documents/doc/stream", id);
        Assert.Contains("\"progress\":20,", await again.ReadNewsAsync(), StringComparison.Ordinal);
    }
}
