using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.Tests.Http;

/// <summary>Many documents, read over HTTP on one stream.</summary>
public sealed class HttpManyTests : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _more = [];
    private ProgressApp _app = null!;
    private ProgressServer _server = null!;

    public ValueTask InitializeAsync()
    {
        _app = ProgressApp.Create(configure: options => options.PublishInterval = TimeSpan.Zero);
        _server = ProgressServer.Launch(_app, TimeSpan.FromMilliseconds(200));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _more)
            await one.DisposeAsync();
        await _server.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Documents_share_one_stream_and_each_goes_on_behind_its_own_revision()
    {
        string[] ids = ["a", "b/c", "ü"];
        foreach (var id in ids)
            await PublishAsync(id, 10);
        await using var history = Watch(ids);
        await SeenAsync(history, ids, 10);

        await _server.StopAsync();
        await PublishAsync("b/c", 20);
        _server.Start();
        await history.UntilAsync(state => state is { DocumentId: "b/c", Percent: 20 }, "b/c at 20 %");

        Assert.Equal(4, history.States.Count);
        await FinishAsync(history, ids);
    }

    [Fact]
    public async Task Thousands_of_documents_are_read_on_few_streams()
    {
        string[] ids = [.. Enumerable.Range(0, 2_500).Select(i => $"d{i}")];
        foreach (var id in ids)
            await _app.Publisher.PublishAsync(new ProgressUpdate(id, "x", 100) { Status = ProgressStatus.Completed });
        await _app.FlushAsync();

        await using var history = Watch(ids);

        Assert.Equal(2_500, (await history.EndAsync()).Select(state => state.DocumentId).Distinct().Count());
        Assert.InRange(_server.Count("stream"), 3, 6);
    }

    [Fact]
    public async Task Stream_alone_fails_all_are_polled_and_then_streamed_again()
    {
        string[] ids = ["a", "b", "c"];
        var fails = true;
        _server.Fault = (context, next) =>
        {
            if (!fails || !IsStream(context))
                return next(context);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        foreach (var id in ids)
            await PublishAsync(id, 10);
        await using var history = Watch(ids);
        await SeenAsync(history, ids, 10);

        fails = false;

        await FinishAsync(history, ids);
    }

    [Fact]
    public async Task Document_that_is_refused_is_told_at_the_end_and_disturbs_no_other()
    {
        await PublishAsync("a", 10);
        _server.Fault = (context, next) => IsStream(context)
            ? StreamAsync(context, "event: denied\ndata: {\"document_id\":\"secret\",\"status\":403}\n\ndata: {\"document_id\":\"a\",\"status\":\"completed\",\"progress\":100}\n\nid: 0-0-end\n\n")
            : next(context);
        await using var history = Watch(["a", "secret"]);

        var error = await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync());

        Assert.Equal(403, (int)error.StatusCode);
        Assert.Contains("'secret'", error.Message, StringComparison.Ordinal);
        Assert.Equal(("a", ProgressStatus.Completed), (history.States[^1].DocumentId, history.States[^1].Status));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Stream_that_is_refused_is_told_at_the_end_and_disturbs_no_other(int status)
    {
        // One more than travel on one stream.
        string[] ids = [.. Enumerable.Range(0, 1_001).Select(i => $"d{i}")];
        var refused = new TaskCompletionSource();
        _server.Fault = (context, next) =>
        {
            if (!context.Request.Path.Value!.Contains("/d1000/", StringComparison.Ordinal))
                return next(context);
            context.Response.StatusCode = status;
            context.Response.OnCompleted(() => Task.FromResult(refused.TrySetResult()));
            return Task.CompletedTask;
        };
        await using var history = Watch(ids);
        await refused.Task.WithinAsync("a refusal");

        foreach (var id in ids)
            await _app.Publisher.PublishAsync(new ProgressUpdate(id, "x", 100) { Status = ProgressStatus.Completed });

        Assert.Equal(status, (int)(await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).StatusCode);
        Assert.Equal(ids[..1_000].Order(), history.States.Where(state => state.IsTerminal).Select(state => state.DocumentId).Order());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Document_that_is_put_off_is_asked_for_again_after_the_others(int status)
    {
        var streams = 0;
        _server.Fault = (context, next) => IsStream(context) && Interlocked.Increment(ref streams) == 1
            ? StreamAsync(context, $"event: denied\ndata: {{\"document_id\":\"b\",\"status\":{status}}}\n\ndata: {{\"document_id\":\"a\",\"status\":\"completed\",\"progress\":100}}\n\nid: 0-0-end\n\n")
            : next(context);
        await PublishAsync("b", 10);
        await using var history = Watch(["a", "b"]);

        await history.UntilAsync(state => state is { DocumentId: "b", Percent: 10 }, "b at 10 %");
        await _app.Publisher.PublishAsync(new ProgressUpdate("b", "x", 100) { Status = ProgressStatus.Completed });

        Assert.Equal(["a", "b"], (await history.EndAsync()).Where(state => state.IsTerminal).Select(state => state.DocumentId).Order());
    }

    [Fact]
    public async Task Document_that_polling_finds_refused_is_told_at_the_end()
    {
        await PublishAsync("a", 10);
        _server.Fault = (context, next) =>
        {
            if (!IsStream(context) && !context.Request.Path.Value!.Contains("secret", StringComparison.Ordinal))
                return next(context);
            context.Response.StatusCode = IsStream(context) ? 500 : 404;
            return Task.CompletedTask;
        };
        await using var history = Watch(["a", "secret"]);
        await history.UntilAsync(state => state.Percent == 10, "10 %");

        await _app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed });

        Assert.Equal(404, (int)(await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).StatusCode);
        Assert.Equal(ProgressStatus.Completed, history.States[^1].Status);
    }

    [Fact]
    public async Task No_documents_are_an_empty_sequence_and_no_request()
    {
        await using var history = Watch([]);

        Assert.Empty(await history.EndAsync());
        Assert.Empty(_server.Requests);
    }

    private History Watch(string[] ids)
    {
        var client = new HttpClientProcess(_server.Address, options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(400));
        _more.Add(client);
        return new(client.Subscriber, ids);
    }

    private static async Task SeenAsync(History history, string[] ids, double percent)
    {
        var missing = ids.ToHashSet();
        while (missing.Count > 0)
            missing.Remove((await history.UntilAsync(state => state.Percent == percent, $"{string.Join(", ", missing)} at {percent} %")).DocumentId);
    }

    private async Task FinishAsync(History history, string[] ids)
    {
        foreach (var id in ids)
            await _app.Publisher.PublishAsync(new ProgressUpdate(id, "x", 100) { Status = ProgressStatus.Completed });
        var states = await history.EndAsync();
        Assert.Equal(ids.Order(), states.Where(state => state.IsTerminal).Select(state => state.DocumentId).Order());
        foreach (var of in states.GroupBy(state => state.DocumentId))
            Assert.All(of.Zip(of.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision));
    }

    private async Task PublishAsync(string id, double percent)
    {
        await _app.Publisher.PublishAsync(new(id, "x", percent));
        await _app.FlushAsync();
    }

    private static bool IsStream(HttpContext context) => context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal);

    private static async Task StreamAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }
}
