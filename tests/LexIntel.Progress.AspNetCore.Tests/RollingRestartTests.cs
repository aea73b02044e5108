using System.Globalization;
using System.Net;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Two hosts behind nginx are restarted one after the other while documents finish; real processes, and clients that behave as browsers do.</summary>
public sealed class RollingRestartTests
{
    private const int Documents = 100;

    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DrainRetryMax = TimeSpan.FromSeconds(4);

    [Fact]
    public Task Rolling_restart_loses_no_end_strands_nobody_and_spreads_the_return() => RunAsync(streams: 1_000);

    [Fact(Explicit = true)]
    public Task Rolling_restart_with_5000_streams() => RunAsync(streams: 5_000);

    private static async Task RunAsync(int streams)
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var worker = new ServiceCollection().AddLexIntelProgress().UseRedis(redis.Configuration).Services.BuildServiceProvider();
        var publisher = worker.GetRequiredService<IProgressPublisher>();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        await using var nginx = await NginxServer.LaunchAsync([first.Address, second.Address]);
        using var client = new HttpClient { BaseAddress = nginx.Address, Timeout = Timeout.InfiniteTimeSpan };
        using var stop = new CancellationTokenSource();
        await PublishAsync(ProgressStatus.Processing, 0, Documents);

        var clients = Enumerable.Range(0, streams).Select(i => new EventSourceClient(client, $"/progress/documents/d{i % Documents}/stream")).ToList();
        var running = clients.Select(one => one.RunAsync(stop.Token)).ToList();
        try
        {
            await AllOpenAsync(clients);
            await RestartAsync(first, 0);
            await RestartAsync(second, Documents / 3);
            await PublishAsync(ProgressStatus.Completed, 2 * Documents / 3, Documents);
            await Task.WhenAll(running).WithinAsync("the end of all clients", TimeSpan.FromSeconds(90));
        }
        finally
        {
            await stop.CancelAsync();
        }

        Assert.All(clients, one => Assert.Equal(HttpStatusCode.NoContent, one.StoppedBy));
        Assert.All(clients, one => Assert.Equal("completed", Assert.Single(one.Statuses, status => status != "processing")));

        // Drains the host, with ends that are published while its clients are away, and starts it again.
        async Task RestartAsync(StreamHostProcess host, int firstToEnd)
        {
            var before = clients.ConvertAll(one => one.Returns.Count);
            var stoppedAt = TimeProvider.System.GetTimestamp();
            await host.StopAsync();
            await PublishAsync(ProgressStatus.Completed, firstToEnd, firstToEnd + (Documents / 3));
            await host.RestartAsync();
            await AllOpenAsync(clients);

            var returns = clients.SelectMany((one, i) => one.Returns.Skip(before[i])).ToList();
            Assert.InRange(returns.Count, streams / 4, streams);
            AssertSpread([.. returns.Select(one => one.Delay)], mostInATenth: 0.16);
            // The scheduler of a busy machine delays some; a spike would put all of them into one tenth.
            AssertSpread([.. returns.Select(one => TimeProvider.System.GetElapsedTime(stoppedAt, one.CameBackAt))], mostInATenth: 0.5);
        }

        async Task PublishAsync(ProgressStatus status, int from, int to)
        {
            for (var i = from; i < to; i++)
                await publisher.PublishAsync(new(string.Create(CultureInfo.InvariantCulture, $"d{i}"), "x", status == ProgressStatus.Completed ? 100 : 10) { Status = status });
            Assert.True(await publisher.FlushAsync(Eventually.Limit));
        }
    }

    private static Task<StreamHostProcess> StartAsync(RedisServer redis) => StreamHostProcess.StartAsync(
        redis, ("LexIntel__Progress__RetryMin", RetryMin.ToString()), ("LexIntel__Progress__DrainRetryMax", DrainRetryMax.ToString()));

    private static Task AllOpenAsync(List<EventSourceClient> clients) =>
        Eventually.TrueAsync(() => clients.TrueForAll(one => one.IsOpen || one.StoppedBy is not null), "all streams open", TimeSpan.FromSeconds(90));

    /// <summary>No tenth of the drain's time holds much more than a tenth of all.</summary>
    private static void AssertSpread(List<TimeSpan> times, double mostInATenth)
    {
        var tenth = (DrainRetryMax - RetryMin) / 10;
        Assert.All(times.CountBy(time => (int)((time - RetryMin) / tenth)), pair => Assert.InRange(pair.Value, 0, (int)(times.Count * mostInATenth)));
    }
}
