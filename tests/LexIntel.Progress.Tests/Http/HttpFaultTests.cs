using System.Net;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Http;

/// <summary>What a reader over HTTP sees while hosts, lines and proxies fail: the newest state, in order, and the end.</summary>
public sealed class HttpFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(200);

    private readonly ProgressApp _app = ProgressApp.Create(configure: options => options.PublishInterval = TimeSpan.Zero);
    private readonly List<IAsyncDisposable> _clients = [];
    private ProgressServer _server = null!;

    public ValueTask InitializeAsync()
    {
        _server = ProgressServer.Launch(_app, Heartbeat);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await _server.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Host_stopped_and_started_again_the_reader_goes_on_where_it_was()
    {
        await using var history = await WatchAsync(Client());

        await _server.StopAsync();
        await PublishAsync(20);
        await PublishAsync(30);
        _server.Start();

        await history.UntilAsync(state => state.Percent == 30, "30 %");
        await FinishAsync(history);
        Assert.Contains(_server.Requests, request => request.StartsWith("stream 1", StringComparison.Ordinal));
        AssertForwards(history);
    }

    [Fact]
    public async Task Line_cut_the_reader_comes_back_with_the_id_of_its_last_state()
    {
        await using var proxy = new TcpProxy(_server.Address.Port);
        await using var history = await WatchAsync(Client(new Uri($"http://127.0.0.1:{proxy.Port}")));
        var last = history.States[^1].Revision;

        proxy.Cut();

        await Eventually.TrueAsync(() => _server.Requests.Contains($"stream {last}"), "a stream that goes on after the last state");
        await FinishAsync(history);
        Assert.Equal(2, history.States.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(410)]
    public async Task Stream_alone_fails_the_reader_polls_and_comes_back_to_streaming(int status)
    {
        _server.Fault = (context, next) => IsStream(context) ? Answer(context, status) : next(context);
        var client = Client();
        await PublishAsync(10);
        await using var history = new History(client.Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");
        await PublishAsync(20);
        await history.UntilAsync(state => state.Percent == 20, "20 % by polling");
        _server.Fault = null;
        await client.Log.WaitForAsync("StreamsAgain");
        var polls = _server.Count("status");
        await PublishAsync(30);
        await history.UntilAsync(state => state.Percent == 30, "30 % by streaming");

        await FinishAsync(history);
        Assert.InRange(_server.Count("status"), 2, polls + 1);
        Assert.Single(client.Log.Named("FellBack"));
        AssertForwards(history);
    }

    [Fact]
    public async Task Stream_alone_fails_the_end_comes_by_polling()
    {
        _server.Fault = (context, next) => IsStream(context) ? Answer(context, 500) : next(context);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");
        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");

        await FinishAsync(history);
    }

    [Fact]
    public async Task Stream_that_holds_its_headers_back_is_given_up_after_two_heartbeats()
    {
        _server.Fault = (context, next) => IsStream(context) ? Task.Delay(Timeout.Infinite, context.RequestAborted) : next(context);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");
        _server.Fault = null;
        await FinishAsync(history);
    }

    [Fact]
    public async Task Stream_that_falls_silent_is_given_up_and_another_goes_on()
    {
        var isHeld = true;
        var held = 0;
        _server.Fault = async (context, next) =>
        {
            if (!IsStream(context) || !isHeld)
            {
                await next(context);
                return;
            }

            Interlocked.Increment(ref held);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("event: heartbeat\ndata: {}\n\n", context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        await using var history = new History(Client().Subscriber, "doc");

        await Eventually.TrueAsync(() => held >= 2, "a second stream after two heartbeats of silence");
        isHeld = false;
        await PublishAsync(10);
        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await FinishAsync(history);
    }

    [Fact]
    public async Task Proxy_that_holds_the_stream_back_is_gone_around_by_polling()
    {
        Assert.SkipWhen(NginxServer.WhyMissing is not null, NginxServer.WhyMissing ?? "");
        await using var nginx = await NginxServer.LaunchAsync(_server.Address, "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;");
        await PublishAsync(10);
        await using var history = new History(Client(nginx.Address).Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");
        await PublishAsync(20);
        await history.UntilAsync(state => state.Percent == 20, "20 % by polling");

        Assert.True(_server.Count("status") >= 2);
        await FinishAsync(history);
    }

    [Fact]
    public async Task Host_that_drains_and_refuses_new_streams_is_polled()
    {
        _server.Fault = (context, next) => IsStream(context) ? StreamAsync(context, "retry: 100\n\nevent: bye\ndata: {\"reason\":\"shutdown\"}\n\n") : next(context);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");
        _server.Fault = null;
        await FinishAsync(history);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Temporary_refusal_is_waited_out(int status)
    {
        var refusals = 0;
        _server.Fault = (context, next) =>
        {
            context.Response.Headers.RetryAfter = "0";
            return Interlocked.Increment(ref refusals) <= 6 ? Answer(context, status) : next(context);
        };
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await FinishAsync(history);
        Assert.True(refusals > 6);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Final_refusal_is_an_exception_that_carries_the_status(int status)
    {
        _server.Fault = (context, _) => Answer(context, status);
        await using var history = new History(Client().Subscriber, "a b");

        var error = await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync());

        Assert.Equal(status, (int)error.StatusCode);
        Assert.Contains("'a b'", error.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Token_that_expires_during_the_stream_ends_it_with_401()
    {
        var isValid = true;
        _server.Fault = async (context, next) =>
        {
            if (!isValid)
            {
                await Answer(context, 401);
                return;
            }

            await StreamAsync(context, State(10, 1) + "event: denied\ndata: {\"document_id\":\"doc\",\"status\":401}\n\n");
            isValid = false;
        };
        await using var history = new History(Client().Subscriber, "doc");
        await history.NextAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).StatusCode);
    }

    [Fact]
    public async Task Token_that_is_fresh_again_goes_on_after_the_old_one_expired()
    {
        var streams = 0;
        _server.Fault = (context, next) => IsStream(context) && Interlocked.Increment(ref streams) == 1
            ? StreamAsync(context, "event: denied\ndata: {\"document_id\":\"doc\",\"status\":401}\n\nevent: bye\ndata: {\"reason\":\"denied\"}\n\n")
            : next(context);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await FinishAsync(history);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Access_withdrawn_during_the_stream_ends_it_with_the_status(int status)
    {
        _server.Fault = (context, _) => StreamAsync(context, State(10, 1) + $"event: denied\ndata: {{\"document_id\":\"doc\",\"status\":{status}}}\n\nid: 1764000000000-1-end\n\n");
        await using var history = new History(Client().Subscriber, "doc");

        Assert.Equal(status, (int)(await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).StatusCode);
        Assert.Equal(10, Assert.Single(history.States).Percent);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Refusal_carries_the_hosts_own_words()
    {
        _server.Fault = (context, _) =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsJsonAsync(new { detail = "Ask the owner of the matter." }, options: null, contentType: "application/problem+json");
        };
        await using var history = new History(Client().Subscriber, "doc");

        Assert.EndsWith("Ask the owner of the matter.", (await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_heard_by_polling_ends_it_while_the_stream_hangs()
    {
        var isAllowed = true;
        _server.Fault = (context, next) => IsStream(context) ? Answer(context, 500) : isAllowed ? next(context) : Answer(context, 403);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");
        await history.UntilAsync(state => state.Percent == 10, "10 % by polling");

        isAllowed = false;

        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<ProgressRefusedException>(() => history.EndAsync())).StatusCode);
    }

    [Fact]
    public async Task Each_request_goes_through_the_users_handlers_so_a_fresh_token_is_sent()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _server.Fault = (context, next) =>
        {
            seen.Enqueue(context.Request.Headers.Authorization.ToString());
            return seen.Count == 1 ? Answer(context, 500) : next(context);
        };
        await PublishAsync(10);
        await using var history = new History(Client(more: builder => builder.AddHttpMessageHandler(() => new TokenHandler())).Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 %");

        var tokens = seen.ToList();
        Assert.All(tokens, token => Assert.Matches("^Bearer token-[0-9]+$", token));
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
    }

    [Fact]
    public async Task Handler_that_throws_is_waited_out()
    {
        var failures = 0;
        await PublishAsync(10);
        await using var history = new History(
            Client(more: builder => builder.AddHttpMessageHandler(() => new FailingHandler(() => Interlocked.Increment(ref failures) <= 4))).Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 %");
        Assert.True(failures > 4);
    }

    [Theory]
    [InlineData("<html>Please log in</html>")]
    [InlineData("data: {\"status\":\"processing\",\"progress\":99,\"document_id\":\"other\"}\n\n")]
    [InlineData("data: {\"progress\":99,\"progress\":98}\n\ndata: [1]\n\ndata: hello\n\ndata:\n\n\u0000\n\nid\n\nretry: 99999999999999999999999\n\n")]
    [InlineData("event: stalled\ndata: junk\n\nevent: heartbeat\ndata\n\nevent: unknown\ndata: {\"progress\":99}\n\n: comment\n\n")]
    [InlineData("data: {\"revision\":\"1-1\",\"progress\":99")]
    public async Task Junk_in_a_stream_shows_nothing_and_ends_nothing(string junk)
    {
        var junked = 0;
        _server.Fault = (context, next) => IsStream(context) && Interlocked.Increment(ref junked) <= 3 ? StreamAsync(context, junk) : next(context);
        await PublishAsync(10);
        await using var history = new History(Client().Subscriber, "doc");

        await history.UntilAsync(state => state.Percent == 10, "10 %");
        await Eventually.TrueAsync(() => junked > 3, "a good stream after the junk");
        await FinishAsync(history);
        Assert.DoesNotContain(history.States, state => state.Percent is 99 or 98);
    }

    [Fact]
    public async Task Event_without_end_is_given_up()
    {
        var ended = new TaskCompletionSource();
        _server.Fault = async (context, next) =>
        {
            if (!IsStream(context) || ended.Task.IsCompleted)
            {
                await next(context);
                return;
            }

            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: ", context.RequestAborted);
            try
            {
                while (true)
                {
                    context.RequestAborted.ThrowIfCancellationRequested();
                    await context.Response.WriteAsync(new string('x', 16 * 1024), context.RequestAborted);
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                // The reader has given up.
            }

            ended.TrySetResult();
        };
        await PublishAsync(10);
        var client = Client();
        await using var history = new History(client.Subscriber, "doc");

        await ended.Task.WithinAsync("the reader to give up");
        await FinishAsync(history);
        Assert.Contains(client.Log.Named("StreamEnded"), message => message.Text.Contains("event of more than", StringComparison.Ordinal));
    }

    [Fact]
    public async Task States_that_come_byte_by_byte_and_with_other_line_ends_are_read()
    {
        _server.Fault = async (context, next) =>
        {
            if (!IsStream(context))
            {
                await next(context);
                return;
            }

            context.Response.ContentType = "text/event-stream; charset=utf-8";
            foreach (var one in System.Text.Encoding.UTF8.GetBytes("\uFEFF" + (State(10, 1) + State(20, 2)).ReplaceLineEndings("\r\n") + State(100, 3, "completed").ReplaceLineEndings("\r")))
            {
                await context.Response.Body.WriteAsync(new[] { one }, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        };
        await using var history = new History(Client(configure: options => options.HeartbeatInterval = TimeSpan.FromSeconds(15)).Subscriber, "doc");

        Assert.Equal(100, (await history.EndAsync())[^1].Percent);
        AssertForwards(history);
    }

    [Fact]
    public async Task Host_that_goes_back_in_time_moves_nothing_back()
    {
        var streams = 0;
        _server.Fault = (context, _) => StreamAsync(context, Interlocked.Increment(ref streams) switch
        {
            1 => State(50, 5),
            2 => State(40, 4) + State(50, 5),
            _ => State(45, 5) + State(60, 6) + State(100, 7, "completed"),
        });
        await using var history = new History(Client().Subscriber, "doc");

        var states = await history.EndAsync();
        Assert.Equal((50, 100), (states[0].Percent, states[^1].Percent));
        AssertForwards(history);
    }

    [Fact]
    public async Task Steps_that_live_updates_only_name_are_in_the_list()
    {
        _server.Fault = (context, _) => StreamAsync(context,
            """
            id: 1-1
            data: {"revision":"1-1","status":"processing","document_id":"doc","step":"one","progress":1,"message":"","timestamp":"2026-01-03T10:00:00Z","steps":[{"name":"one","status":"processing","started":"2026-01-03T10:00:00Z"}]}

            id: 1-2
            data: {"revision":"1-2","status":"processing","document_id":"doc","step":"two","progress":2,"message":"","timestamp":"2026-01-03T10:00:05Z"}

            id: 1-3
            data: {"revision":"1-3","status":"failed","document_id":"doc","step":"two","progress":2,"message":"","timestamp":"2026-01-03T10:00:09Z","error_message":"No."}


            """.ReplaceLineEndings("\n"));
        await using var history = new History(Client().Subscriber, "doc");

        var end = (await history.EndAsync())[^1];
        Assert.Equal(
            [("one", ProgressStatus.Completed, TimeSpan.FromSeconds(5)), ("two", ProgressStatus.Failed, TimeSpan.FromSeconds(4))],
            end.Steps.Select(step => (step.Name, step.Status, step.Duration!.Value)));
    }

    [Fact]
    public async Task Cancellation_ends_it_at_once_wherever_it_is()
    {
        Func<HttpContext, RequestDelegate, Task>[] faults =
        [
            (context, next) => next(context),
            (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted),
            (context, _) => Answer(context, 500),
            (context, _) =>
            {
                context.Response.Headers.RetryAfter = "300";
                return Answer(context, 503);
            },
        ];
        foreach (var fault in faults)
        {
            _server.Fault = fault;
            using var stop = new CancellationTokenSource();
            var before = _server.Requests.Count;
            var reading = Task.Run(async () =>
            {
                await foreach (var _ in Client(configure: options => options.HeartbeatInterval = TimeSpan.FromMinutes(5)).Subscriber.SubscribeAsync("none", cancellationToken: stop.Token))
                    Assert.Fail("Nothing was published.");
            });
            await Eventually.TrueAsync(() => _server.Requests.Count > before, "a request");

            await stop.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WithinAsync("the cancellation", TimeSpan.FromSeconds(10)));
        }
    }

    private HttpClientProcess Client(Uri? address = null, Action<ProgressClientOptions>? configure = null, Action<IHttpClientBuilder>? more = null)
    {
        var client = new HttpClientProcess(
            address ?? _server.Address,
            options =>
            {
                options.HeartbeatInterval = Heartbeat;
                configure?.Invoke(options);
            },
            more);
        _clients.Add(client);
        return client;
    }

    /// <summary>A reader that has seen 10 %.</summary>
    private async Task<History> WatchAsync(HttpClientProcess client)
    {
        await PublishAsync(10);
        var history = new History(client.Subscriber, "doc");
        await history.UntilAsync(state => state.Percent == 10, "10 %");
        return history;
    }

    private async Task PublishAsync(double percent)
    {
        await _app.Publisher.PublishAsync(new("doc", "extraction", percent));
        await _app.FlushAsync();
    }

    private async Task FinishAsync(History history)
    {
        await _app.Publisher.PublishAsync(new ProgressUpdate("doc", "extraction", 100) { Status = ProgressStatus.Completed });
        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);
        Assert.Single(history.States, state => state.IsTerminal);
    }

    private static void AssertForwards(History history) =>
        Assert.All(history.States.Zip(history.States.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision && pair.First.Percent <= pair.Second.Percent));

    private static bool IsStream(HttpContext context) => context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal);

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task StreamAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static string State(int percent, int number, string status = "processing") =>
        $"id: 1764000000000-{number}\ndata: {{\"revision\":\"1764000000000-{number}\",\"status\":\"{status}\",\"document_id\":\"doc\",\"step\":\"x\",\"progress\":{percent},\"message\":\"\",\"timestamp\":\"2026-01-03T10:30:45.123Z\"}}\n\n";

    private sealed class TokenHandler : DelegatingHandler
    {
        private static int _tokens;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new("Bearer", $"token-{Interlocked.Increment(ref _tokens)}");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class FailingHandler(Func<bool> fails) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            fails() ? throw new InvalidOperationException("No token is to be had now.") : base.SendAsync(request, cancellationToken);
    }
}
