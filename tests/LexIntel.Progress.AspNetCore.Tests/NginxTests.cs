using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Behind nginx with nothing but proxy_pass: HTTP/1.0 to the upstream and buffering on, which is its default.</summary>
public sealed class NginxTests
{
    [Fact]
    public async Task Default_nginx_passes_events_on_at_once()
    {
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var host = await TestHost.StartAsync();
        await using var nginx = await NginxServer.LaunchAsync(host.Address);
        await using var stream = await SseConnection.OpenAsync(nginx.Address, "/progress/documents/a%2Fb/stream");

        Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 10));
        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("completed", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.EndsWith("-end", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Null(await stream.ReadNewsAsync());
    }
}
