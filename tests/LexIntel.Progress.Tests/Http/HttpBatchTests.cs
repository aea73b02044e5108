using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.Tests.Http;

/// <summary>Batches, read over HTTP.</summary>
public sealed class HttpBatchTests : IAsyncLifetime
{
    private ProgressApp _app = null!;
    private ProgressServer _server = null!;
    private HttpClientProcess _client = null!;

    public ValueTask InitializeAsync()
    {
        _app = ProgressApp.Create(configure: options => options.PublishInterval = TimeSpan.Zero);
        _server = ProgressServer.Launch(_app, TimeSpan.FromMilliseconds(200));
        _client = new(_server.Address, options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(400));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Aggregates_come_to_the_end_across_a_restart_of_the_host()
    {
        await _app.Publisher.DeclareBatchAsync(new("a/b", 2));
        await PublishAsync("one", ProgressStatus.Processing);
        await using var history = new BatchHistory(_client.Subscriber, "a/b");
        await history.UntilAsync(batch => batch.Counts() == (2, 1, 1, 0, 0, 0), "the first document");

        await _server.StopAsync();
        await PublishAsync("one", ProgressStatus.Completed);
        _server.Start();
        await history.UntilAsync(batch => batch.Counts() == (2, 1, 0, 1, 0, 0), "the first end");
        await PublishAsync("two", ProgressStatus.Failed);

        var states = await history.EndAsync();
        Assert.Equal((2, 0, 0, 1, 1, 0), states[^1].Counts());
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision));
    }

    [Fact]
    public async Task Stream_that_fails_is_made_up_for_by_polling()
    {
        _server.Fault = (context, next) =>
        {
            if (!context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal))
                return next(context);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await PublishAsync("one", ProgressStatus.Completed);

        await using var history = new BatchHistory(_client.Subscriber, "a/b");

        Assert.True((await history.EndAsync())[^1].IsFinished);
    }

    [Fact]
    public async Task GetBatchAsync_reads_the_aggregate_and_null_when_there_is_none()
    {
        await PublishAsync("one", ProgressStatus.Processing);

        Assert.Equal(await _app.Subscriber.GetBatchAsync("a/b"), await _client.Subscriber.GetBatchAsync("a/b"));
        Assert.Null(await _client.Subscriber.GetBatchAsync("nothing"));
    }

    private async Task PublishAsync(string documentId, ProgressStatus status)
    {
        await _app.Publisher.PublishAsync(new ProgressUpdate(documentId, "x", 50) { Status = status, BatchId = "a/b" });
        await _app.FlushAsync();
    }
}
