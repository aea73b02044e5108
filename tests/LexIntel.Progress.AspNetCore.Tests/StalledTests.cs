using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class StalledTests
{
    private const string Key = "document:doc:progress";

    [Fact]
    public async Task Worker_without_sign_of_life_is_stalled_and_its_next_sign_resumes()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await TestHost.StartAsync(progress => progress.UseRedis(redis.Configuration).Services.Configure<ProgressOptions>(options => options.QuietInterval = TimeSpan.FromMilliseconds(200)));
        await using var worker = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        // What a tracked job left behind that was killed 40 s ago: its last renewal set the life to an hour.
        await worker.GetDatabase().StringSetAsync(
            Key,
            """{"revision":"1764000000000-3","status":"processing","document_id":"doc","step":"extraction","progress":45,"message":"","timestamp":"2026-01-03T10:30:45.123Z","lease_seconds":15,"retention_seconds":3600}""",
            TimeSpan.FromSeconds(3_560));

        await using var stream = await host.StreamAsync("doc");
        Assert.Contains("\"progress\":45,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Matches("^event: stalled\ndata: \\{\"document_id\":\"doc\",\"since\":\"[-0-9T:.]+Z\"\\}$", await stream.ReadNewsAsync());
        using var status = await host.Client.GetAsync("/progress/documents/doc/status");
        Assert.Contains("\"stalled_since\":\"", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("\"1764000000000-3.stalled\"", status.Headers.ETag?.Tag);

        await worker.GetDatabase().KeyExpireAsync(Key, TimeSpan.FromHours(1));
        Assert.Equal("event: resumed\ndata: {\"document_id\":\"doc\"}", await stream.ReadNewsAsync());
    }

    [Fact]
    public async Task Foreign_message_is_ignored_while_a_job_is_alive()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await TestHost.StartAsync(progress => progress.UseRedis(redis.Configuration));
        await using var worker = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await using var job = host.Publisher.Start("doc");
        job.Report(0.5);
        await host.Publisher.FlushAsync(TimeSpan.FromSeconds(10));
        await using var stream = await host.StreamAsync("doc");
        Assert.Contains("\"progress\":50,", await stream.ReadNewsAsync(), StringComparison.Ordinal);

        await worker.GetSubscriber().PublishAsync(RedisChannel.Literal(Key), """{"progress":1}""");
        job.Report(0.6);

        Assert.Contains("\"progress\":60,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }
}
