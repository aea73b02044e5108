using System.Net;
using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.Tests.Http;

/// <summary>Single reads over HTTP, and what is said of wrong arguments.</summary>
public sealed class HttpSnapshotTests : IAsyncLifetime
{
    private readonly ProgressApp _app = ProgressApp.Create();
    private ProgressServer _server = null!;
    private HttpClientProcess _client = null!;

    public ValueTask InitializeAsync()
    {
        _server = ProgressServer.Launch(_app);
        _client = new(_server.Address, options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData("...")]
    [InlineData("a/../b")]
    [InlineData("../..")]
    [InlineData("a\\b")]
    [InlineData("a b+c?d#e&f=g;h")]
    [InlineData("*[{}]:@!$'()~")]
    [InlineData("Vertrag-Größe-🎉")]
    [InlineData("A\u030a")]
    public async Task Id_reaches_the_host_byte_for_byte(string documentId)
    {
        await _app.Publisher.PublishAsync(new ProgressUpdate(documentId, "x", 100) { Status = ProgressStatus.Completed }, TestContext.Current.CancellationToken);
        await _app.FlushAsync();

        Assert.Equal((documentId, 100), await _client.Subscriber.GetSnapshotAsync(documentId, TestContext.Current.CancellationToken) is { } state ? (state.DocumentId, state.Percent) : default);
        await using var history = new History(_client.Subscriber, documentId);
        Assert.Equal(documentId, Assert.Single(await history.EndAsync()).DocumentId);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public void Id_that_breaks_the_rules_is_refused_by_the_call(string documentId)
    {
        Assert.Throws<ArgumentException>(nameof(documentId), () => _client.Subscriber.SubscribeAsync(documentId));
        Action asking = () => _client.Subscriber.GetSnapshotAsync(documentId).AsTask();
        Assert.Throws<ArgumentException>(nameof(documentId), asking);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task GetSnapshotAsync_refused_for_good_carries_the_status(int status)
    {
        _server.Fault = (context, _) => Answer(context, status, "");

        var error = await Assert.ThrowsAsync<ProgressRefusedException>(async () => await _client.Subscriber.GetSnapshotAsync("a"));
        Assert.Equal(status, (int)error.StatusCode);
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "<html>Please log in</html>")]
    [InlineData(200, """{"document_id":"b","progress":99}""")]
    [InlineData(204, "")]
    [InlineData(429, "")]
    [InlineData(500, "")]
    [InlineData(503, "")]
    public async Task GetSnapshotAsync_not_to_be_had_now_is_unavailable(int status, string body)
    {
        _server.Fault = (context, _) => Answer(context, status, body);

        await Assert.ThrowsAsync<ProgressUnavailableException>(async () => await _client.Subscriber.GetSnapshotAsync("a"));
    }

    [Fact]
    public async Task GetSnapshotAsync_host_away_is_unavailable()
    {
        await _server.StopAsync();

        var error = await Assert.ThrowsAsync<ProgressUnavailableException>(async () => await _client.Subscriber.GetSnapshotAsync("a"));
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task GetSnapshotAsync_host_that_does_not_answer_is_given_up_after_two_heartbeats()
    {
        _server.Fault = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);

        await Assert.ThrowsAsync<ProgressUnavailableException>(async () => await _client.Subscriber.GetSnapshotAsync("a"));
    }

    [Fact]
    public async Task GetSnapshotAsync_endless_answer_is_given_up_at_a_bound()
    {
        _server.Fault = async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string(' ', 16_000), context.RequestAborted);
        };

        var error = await Assert.ThrowsAsync<ProgressUnavailableException>(async () => await _client.Subscriber.GetSnapshotAsync("a"));
        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    [Fact]
    public async Task GetSnapshotAsync_cancelled_throws_that()
    {
        _server.Fault = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var stop = new CancellationTokenSource();
        var asking = _client.Subscriber.GetSnapshotAsync("a", stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task GetSnapshotAsync_everything_a_host_tells_is_in_the_snapshot()
    {
        _server.Fault = (context, _) => Answer(context, 200, """
            {"revision":"1764000000000-7","run":2,"status":"retrying","document_id":"a","step":"embedding","progress":41.5,"message":"Again","timestamp":"2026-01-03T10:30:45.123Z",
            "error_message":"No.","remaining_seconds":12,"batch_id":"b","steps":[{"name":"extraction","status":"completed","started":"2026-01-03T10:30:00Z","seconds":4.2}],"stalled_since":"2026-01-03T10:31:00Z"}
            """);

        var state = (await _client.Subscriber.GetSnapshotAsync("a", TestContext.Current.CancellationToken))!;

        Assert.Equal(
            (new ProgressRevision(1764000000000, 7), 2, ProgressStatus.Retrying, "embedding", 41.5, "Again", "No.", TimeSpan.FromSeconds(12), "b"),
            (state.Revision!.Value, state.Run, state.Status, state.Step, state.Percent, state.Message, state.ErrorMessage, state.Remaining!.Value, state.BatchId));
        Assert.Equal(new DateTimeOffset(2026, 1, 3, 10, 31, 0, TimeSpan.Zero), state.StalledSince);
        Assert.Equal(TimeSpan.FromSeconds(4.2), Assert.Single(state.Steps).Duration);
    }

    [Fact]
    public async Task Reader_whose_clock_is_years_behind_sees_all()
    {
        await _app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, TestContext.Current.CancellationToken);
        await _app.FlushAsync();
        await using var behind = new HttpClientProcess(_server.Address, time: new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch));

        Assert.NotNull(await behind.Subscriber.GetSnapshotAsync("a", TestContext.Current.CancellationToken));
        await using var history = new History(behind.Subscriber, "a");
        Assert.Single(await history.EndAsync());
    }

    private static async Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        if (body.Length > 0)
            await context.Response.WriteAsync(body, context.RequestAborted);
    }
}
