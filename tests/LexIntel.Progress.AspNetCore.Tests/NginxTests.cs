using System.Net;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Behind nginx: as it is after installation, with compression, and as the worst proxy there is.</summary>
public sealed class NginxTests
{
    [Theory]
    [InlineData("")]
    [InlineData("gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1; gzip_http_version 1.0;")]
    public async Task Nginx_passes_events_on_at_once(string directives)
    {
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await using var nginx = await NginxServer.LaunchAsync(host.Address, directives);
        await using var stream = await SseConnection.OpenAsync(nginx.Address, "/progress/documents/a%2Fb/stream", headers: "Accept-Encoding: gzip");
        Assert.DoesNotContain("Content-Encoding: gzip", stream.Head, StringComparison.OrdinalIgnoreCase);

        Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 10));
        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("completed", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Contains("\nevent: end\n", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Null(await stream.ReadNewsAsync());
    }

    [Fact]
    public async Task WebSocket_with_the_lines_of_the_docs_is_open_to_pages_of_the_site()
    {
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await using var nginx = await NginxServer.LaunchAsync(host.Address, Checkout.Blocks("docs/proxies.md", "nginx").Single());
        await using var socket = await SocketClient.OpenAsync(nginx.Address, origin: nginx.Address.GetLeftPart(UriPartial.Authority));

        await socket.SendAsync("""{"watch":{"doc":null}}""");
        await host.PublishAsync(new("doc", "x", 10));

        Assert.Equal(10, (await socket.ReadNewsAsync()).GetProperty("progress").GetInt32());
    }

    [Fact]
    public async Task Proxy_that_buffers_everything_passes_waiting_status_requests_on()
    {
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await using var nginx = await NginxServer.LaunchAsync(host.Address, "proxy_ignore_headers X-Accel-Buffering; proxy_buffers 8 64k;");
        using var client = new HttpClient { BaseAddress = nginx.Address };
        await host.PublishAsync(new("doc", "x", 10));
        using var first = await client.GetAsync("/progress/documents/doc/status?wait=25");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/progress/documents/doc/status?wait=25");
        request.Headers.Add("If-None-Match", first.Headers.ETag!.ToString());
        var waiting = client.SendAsync(request);
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount == 1, "a request that waits");

        var publishedAt = TimeProvider.System.GetTimestamp();
        await host.PublishAsync(new("doc", "x", 20));
        using var second = await waiting.WithinAsync("the answer");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Contains("\"progress\":20,", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // A second is what a user is promised; a busy machine may take some of it.
        Assert.InRange(TimeProvider.System.GetElapsedTime(publishedAt).TotalSeconds, 0, 5);
    }
}
