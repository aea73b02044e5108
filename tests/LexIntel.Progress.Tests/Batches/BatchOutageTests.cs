using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>Redis loses its data, messages and connections while a batch runs, and the counts are exact at the end.</summary>
public sealed class BatchOutageTests : IAsyncDisposable
{
    private const int Documents = 1000;

    private readonly List<ProgressApp> _apps = [];
    private RedisServer? _redis;

    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
            await app.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Batch_of_1000_documents_with_retries_lost_messages_and_lost_data_ends_with_exact_counts()
    {
        await StartAsync();
        await using var proxy = new TcpProxy(_redis!.Port);
        var workers = new[] { App(), App() };
        var api = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(300), proxy.Configuration);
        await using var history = new BatchHistory(api.Subscriber, "b");
        await workers[0].Publisher.DeclareBatchAsync(new("b", Documents), Stopped);

        await RunAsync(workers, 0, Documents / 2);
        await history.UntilAsync(batch => batch.Completed > 0, "the first half to begin");
        await FlushAllAsync();
        proxy.Cut();
        await RunAsync(workers, Documents / 2, Documents - 1);
        proxy.Cut();
        await Eventually.GetAsync(AskAsync, batch => batch?.Completed + batch?.Failed + batch?.Cancelled == Documents - 1, "what was lost to be offered again");
        Assert.False(history.HasEnded);
        await RunAsync(workers, Documents - 1, Documents);

        var states = await history.EndAsync();
        Assert.Equal((Documents, 0, 0, 900, 100, 0), states[^1].Counts());
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision, $"{pair.First.Revision} was followed by {pair.Second.Revision}"));
        Assert.All(states.SkipLast(1), batch => Assert.Equal((Documents, false), (batch.Total, batch.IsFinished)));
        Assert.Empty(workers[0].Log.Named("PumpFailed"));

        async Task<ProgressBatchSnapshot?> AskAsync()
        {
            try
            {
                return await api.Subscriber.GetBatchAsync("b", Stopped);
            }
            catch (ProgressUnavailableException)
            {
                // Its connection was cut just now.
                return null;
            }
        }
    }

    [Fact]
    public async Task Members_that_were_lost_are_missing_when_their_publisher_is_gone()
    {
        await StartAsync();
        var (gone, lives, api) = (App(), App(), App());
        await gone.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await gone.FlushAsync();
        await gone.DisposeAsync();
        await lives.Publisher.PublishAsync(new ProgressUpdate("c", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await lives.FlushAsync();
        Assert.Equal((2, 0, 0, 2, 0, 0), (await api.Subscriber.GetBatchAsync("b", Stopped))!.Counts());

        await FlushAllAsync();

        // Nobody takes the batch for finished: what is left knows that it had two documents.
        var batch = await Eventually.GetAsync(() => api.Subscriber.GetBatchAsync("b", Stopped).AsTask(), batch => batch is not null, "the batch to be offered again");
        Assert.Equal((2, 1, 0, 1, 0, 0), batch!.Counts());
    }

    [Fact]
    public async Task Members_lost_to_an_older_copy_are_offered_again_after_the_connection_is_restored()
    {
        await StartAsync();
        await using var proxy = new TcpProxy(_redis!.Port);
        var (one, two, api) = (App(configuration: proxy.Configuration), App(), App());
        await one.Publisher.DeclareBatchAsync(new("b", 3), Stopped);
        await one.FlushAsync();
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var copy = await probe.GetDatabase().KeyDumpAsync("batch:b:progress");
        await one.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await one.FlushAsync();
        await probe.GetDatabase().KeyDeleteAsync("batch:b:progress");
        await probe.GetDatabase().KeyRestoreAsync("batch:b:progress", copy!);
        // By the revision alone nobody could tell that a member is missing.
        await two.Publisher.PublishAsync(new ProgressUpdate("c", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await two.FlushAsync();
        Assert.Equal(1, (await api.Subscriber.GetBatchAsync("b", Stopped))!.Completed);

        proxy.Cut();

        await Eventually.GetAsync(() => api.Subscriber.GetBatchAsync("b", Stopped).AsTask(), batch => batch!.Completed == 2, "the lost member");
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(300_000, false)]
    public async Task Aggregate_that_pubsub_lost_arrives_by_reading_again_only(int quietMilliseconds, bool arrives)
    {
        await StartAsync();
        var (worker, api) = (App(), App(options => options.QuietInterval = TimeSpan.FromMilliseconds(quietMilliseconds)));
        await using var history = new BatchHistory(api.Subscriber, "b");
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 10) { BatchId = "b" }, Stopped);
        await history.UntilAsync(batch => batch.Processing == 1, "the first document");
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration);
        var json = (string)(await probe.GetDatabase().HashGetAsync("batch:b:progress", "\u0001state"))!;
        var end = json.Replace("-1\",", "-2\",", StringComparison.Ordinal).Replace("\"status\":\"processing\"", "\"status\":\"completed\"", StringComparison.Ordinal)
            .Replace("\"processing\":1,\"completed\":0", "\"processing\":0,\"completed\":1", StringComparison.Ordinal);

        await probe.GetDatabase().HashSetAsync("batch:b:progress", "\u0001state", end);

        if (arrives)
        {
            Assert.True((await history.EndAsync())[^1].IsFinished);
            return;
        }

        // What is sent after it on the same channel has arrived, and the end has not.
        await probe.GetSubscriber().PublishAsync(RedisChannel.Literal("batch:b:progress"), json.Replace("-1\",", "-3\",", StringComparison.Ordinal).Replace("\"processing\":1", "\"processing\":7", StringComparison.Ordinal));
        await history.UntilAsync(batch => batch.Processing == 7, "what was sent after the end");
        Assert.DoesNotContain(history.States, batch => batch.IsFinished);
    }

    /// <summary>Each document is worked on in one process; a tenth fails and is tried again in the other, and a tenth fails for good.</summary>
    private static async Task RunAsync(ProgressApp[] workers, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            TrackOptions options = new() { BatchId = "b", WillRetry = _ => i % 10 == 0 };
            var worker = workers[i % 2].Publisher;
            if (i % 10 > 1)
            {
                await worker.TrackAsync($"d{i}", null, Halfway, options, Stopped);
                continue;
            }

            await Assert.ThrowsAsync<InvalidOperationException>(() => worker.TrackAsync($"d{i}", null, (_, _) => throw new InvalidOperationException(), options, Stopped));
        }

        // The queue gives a document to another worker after the first has failed, not while it does.
        foreach (var worker in workers)
            await worker.FlushAsync();
        for (var i = first - (first % 10) + (first % 10 == 0 ? 0 : 10); i < end; i += 10)
            await workers[(i + 1) % 2].Publisher.TrackAsync($"d{i}", null, Halfway, new() { BatchId = "b" }, Stopped);

        static Task Halfway(ProgressJob job, CancellationToken cancellationToken)
        {
            job.Report(0.5);
            return Task.CompletedTask;
        }
    }

    private async Task FlushAllAsync()
    {
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        await probe.GetServers()[0].FlushAllDatabasesAsync();
    }

    private async Task StartAsync()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        _redis = await RedisServer.LaunchAsync();
    }

    private ProgressApp App(Action<ProgressOptions>? configure = null, string? configuration = null)
    {
        var app = ProgressApp.Create(
            builder => builder.UseRedis((configuration ?? _redis!.Configuration) + ",connectTimeout=1000"),
            options =>
            {
                options.Lease = TimeSpan.FromSeconds(3);
                configure?.Invoke(options);
            });
        _apps.Add(app);
        return app;
    }
}
