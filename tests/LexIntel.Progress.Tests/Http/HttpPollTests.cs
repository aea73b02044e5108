using System.Collections.Concurrent;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.Tests.Http;

/// <summary>How a reader over HTTP asks while it cannot stream: it lets the host wait for news where that works.</summary>
public sealed class HttpPollTests : IAsyncLifetime
{
    private readonly ProgressApp _app = ProgressApp.Create(configure: options => options.PublishInterval = TimeSpan.Zero);
    private readonly ConcurrentQueue<string> _questions = new();
    private ProgressServer _server = null!;
    private HttpClientProcess? _client;

    public ValueTask InitializeAsync()
    {
        _server = ProgressServer.Launch(_app);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task One_document_is_asked_for_with_a_wait_and_news_come_as_they_happen()
    {
        RefuseStreams();
        await PublishAsync("doc", 10);
        // Nothing but a host that waits answers before the test's patience is over.
        await using var history = new History(Client(pollInterval: TimeSpan.FromMinutes(1)).Subscriber, "doc");
        await history.UntilAsync(state => state.Percent == 10, "10 % by the first question");
        await Eventually.TrueAsync(() => _questions.Contains("?wait=20"), "a question that waits");

        await PublishAsync("doc", 20);

        await history.UntilAsync(state => state.Percent == 20, "20 % by the question that waited");
        Assert.Equal(["", "?wait=20"], _questions);
    }

    [Fact]
    public async Task Host_that_does_not_let_wait_is_asked_without()
    {
        RefuseStreams(async (context, next) =>
        {
            if (context.Request.QueryString.HasValue)
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            else
                await next(context);
        });
        await PublishAsync("doc", 10);
        await using var history = new History(Client().Subscriber, "doc");
        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await Eventually.TrueAsync(() => _questions.Contains("?wait=20"), "a question that would wait");

        await PublishAsync("doc", 20);

        await history.UntilAsync(state => state.Percent == 20, "20 %");
        Assert.Single(_questions, "?wait=20");
    }

    [Fact]
    public async Task Question_that_waits_is_let_go_of_when_the_stream_is_back()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RefuseStreams(async (context, next) =>
        {
            if (context.Request.QueryString.HasValue)
            {
                context.RequestAborted.Register(() => left.TrySetResult());
                waits.TrySetResult();
            }

            await next(context);
        });
        await PublishAsync("doc", 10);
        await using var history = new History(Client().Subscriber, "doc");
        await waits.Task.WithinAsync("a question that waits");

        _server.Fault = null;

        await left.Task.WithinAsync("the end of the question");
        await PublishAsync("doc", 20);
        await history.UntilAsync(state => state.Percent == 20, "20 % by the stream");
    }

    [Fact]
    public async Task Several_documents_are_asked_for_without_a_wait()
    {
        RefuseStreams();
        await PublishAsync("a", 10);
        await PublishAsync("b", 10);
        using var stop = new CancellationTokenSource();
        var seen = new HashSet<(string, double)>();
        await foreach (var state in Client().Subscriber.SubscribeAsync(["a", "b"], stop.Token))
        {
            seen.Add((state.DocumentId, state.Percent));
            if (seen.IsSupersetOf([("a", 10), ("b", 10)]) && !seen.Contains(("a", 20)))
                await PublishAsync("a", 20);
            if (seen.Contains(("a", 20)))
                break;
        }

        Assert.True(_questions.Count >= 3);
        Assert.All(_questions, question => Assert.Equal("", question));
    }

    private void RefuseStreams(Func<HttpContext, RequestDelegate, Task>? answer = null) => _server.Fault = (context, next) =>
    {
        if (context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        }

        _questions.Enqueue(context.Request.QueryString.Value!);
        return answer is null ? next(context) : answer(context, next);
    };

    private HttpClientProcess Client(TimeSpan? pollInterval = null) =>
        _client = new(_server.Address, options => options.PollInterval = pollInterval ?? options.PollInterval, null);

    private async Task PublishAsync(string id, double percent)
    {
        await _app.Publisher.PublishAsync(new(id, "extraction", percent));
        await _app.FlushAsync();
    }
}
