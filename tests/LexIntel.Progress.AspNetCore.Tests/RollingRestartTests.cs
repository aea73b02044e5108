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
            var stopped = TimeProvider.System.GetElapsedTime(stoppedAt);
            await PublishAsync(ProgressStatus.Completed, firstToEnd, firstToEnd + (Documents / 3));
            await host.RestartAsync();
            await AllOpenAsync(clients);

            var open = TimeProvider.System.GetElapsedTime(stoppedAt);
            var returns = clients.SelectMany((one, i) => one.Returns.Skip(before[i])).ToList();
            Assert.InRange(returns.Count, streams / 4, streams);
            var told = MostInATenth([.. returns.Select(one => one.Delay)]);
            var came = MostInATenth([.. returns.Select(one => TimeProvider.System.GetElapsedTime(stoppedAt, one.CameBackAt))]);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{returns.Count} of {streams} streams were ended; the host stopped within {stopped.TotalSeconds:F2} s, all were open again after {open.TotalSeconds:F2} s; most in a tenth of the time: {told:P1} told to come, {came:P1} came."));
            Assert.InRange(told, 0, 0.16);
            // The scheduler of a busy machine delays some; a spike would put all of them into one tenth.
            Assert.InRange(came, 0, 0.5);
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

    /// <summary>The largest part that falls into one tenth of the drain's time: a tenth when all are spread evenly.</summary>
    private static double MostInATenth(List<TimeSpan> times)
    {
        var tenth = (DrainRetryMax - RetryMin) / 10;
        return (double)times.CountBy(time => (int)((time - RetryMin) / tenth)).Max(pair => pair.Value) / times.Count;
    }
}
