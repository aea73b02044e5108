using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What an orchestrator asks.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task In_process_host_is_live_and_ready()
    {
        await using var host = await StartAsync(static _ => { });

        Assert.Equal("200 Healthy", await AskAsync(host, "live"));
        Assert.Equal("200 Healthy", await AskAsync(host, "ready"));
    }

    [Fact]
    public async Task Redis_is_away_live_stays_healthy_ready_is_degraded_and_recovers()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await StartAsync(progress => progress.UseRedis(redis.Configuration));
        await Eventually.GetAsync(() => AskAsync(host, "ready"), static answer => answer == "200 Healthy", "a host that is ready");

        await redis.StopAsync();

        await Eventually.GetAsync(() => AskAsync(host, "ready"), static answer => answer == "200 Degraded", "a host that says it is degraded");
        Assert.Equal("200 Healthy", await AskAsync(host, "live"));
        await redis.StartAsync();
        await Eventually.GetAsync(() => AskAsync(host, "ready"), static answer => answer == "200 Healthy", "a host that is ready again");
    }

    [Fact]
    public async Task Redis_is_away_ready_is_503_where_the_host_wants_that()
    {
        await using var host = await StartAsync(progress => progress.UseRedis($"127.0.0.1:{LoopbackPort.Free()},connectTimeout=500"), HealthStatus.Unhealthy);

        await Eventually.GetAsync(() => AskAsync(host, "ready"), static answer => answer == "503 Unhealthy", "a host that is not ready");
        Assert.Equal("200 Healthy", await AskAsync(host, "live"));
    }

    private static Task<TestHost> StartAsync(Action<ProgressBuilder> register, HealthStatus whenAway = HealthStatus.Degraded) => TestHost.StartAsync(
        progress =>
        {
            progress.Services.AddHealthChecks().AddLexIntelProgress(whenAway);
            register(progress);
        },
        map: app =>
        {
            foreach (var tag in (string[])["live", "ready"])
                app.MapHealthChecks($"/health/{tag}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag) });
        });

    private static async Task<string> AskAsync(TestHost host, string tag)
    {
        using var response = await host.Client.GetAsync(new Uri($"/health/{tag}", UriKind.Relative));
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }
}
