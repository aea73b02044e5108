using System.Net;
using System.Net.WebSockets;
using System.Text;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>The same streams over a WebSocket.</summary>
public sealed class SocketTests(Chromium chromium)
{
    [Fact]
    public async Task Watched_documents_come_as_plain_JSON_and_unwatched_ones_do_not()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10));
        await using var socket = await SocketClient.OpenAsync(host.Address);
        Assert.Equal("""{"event":"heartbeat"}""", await socket.ReadAsync());

        await socket.SendAsync("""{"watch":{"a":null,"b":null}}""");
        Assert.Matches("""^\{"revision":"[0-9]{13}-1","status":"processing","document_id":"a","step":"x","progress":10,.*"steps":\[.*\]\}$""", await socket.ReadAsync());
        await socket.SendAsync("""{"unwatch":["a","nix"],"ping":7}""");
        Assert.Equal("""{"event":"pong","ping":7}""", await socket.ReadAsync());
        await host.PublishAsync(new("a", "x", 20));
        await host.PublishAsync(new("b", "x", 30));

        Assert.Equal("b", (await socket.ReadNewsAsync()).GetProperty("document_id").GetString());
    }

    [Fact]
    public async Task Document_is_resumed_behind_the_revision_that_the_client_has()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10));
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null}}""");
        var revision = (await socket.ReadNewsAsync()).GetProperty("revision").GetString();

        await socket.SendAsync($$$"""{"watch":{"a":"{{{revision}}}"},"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await host.PublishAsync(new("a", "x", 20));

        Assert.Equal(20, (await socket.ReadNewsAsync()).GetProperty("progress").GetInt32());
    }

    [Fact]
    public async Task Finished_document_does_not_end_the_socket_and_can_be_watched_again()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10) { Status = ProgressStatus.Failed });
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null}}""");
        Assert.Equal("failed", (await socket.ReadNewsAsync()).GetProperty("status").GetString());

        await host.PublishAsync(new("a", "x", 20) { NewAttempt = true });
        await socket.SendAsync("""{"watch":{"a":null}}""");

        Assert.Equal(2, (await socket.ReadNewsAsync()).GetProperty("run").GetInt32());
    }

    [Theory]
    [InlineData("event")]
    [InlineData("\\u0065vent")]
    public async Task Field_that_others_call_event_does_not_give_their_state_a_name(string name)
    {
        await using var host = await TestHost.StartAsync();
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null},"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        using var watch = host.Services.GetRequiredService<Hub.ProgressHub>().Join("a", new Hub.Mailbox(), after: null);
        await watch.Topic.Opened.WithinAsync("an open topic");

        watch.Topic.Receive(Encoding.UTF8.GetBytes($$"""{"{{name}}":"progress","status":"processing","progress":45,"extra":1}"""));

        var state = await socket.ReadNewsAsync();
        Assert.False(state.TryGetProperty("event", out _));
        Assert.Equal((45, 1), (state.GetProperty("progress").GetInt32(), state.GetProperty("extra").GetInt32()));
    }

    [Fact]
    public async Task Unknown_document_is_denied()
    {
        await using var host = await TestHost.StartAsync(progress => progress.UseSnapshotSource<Nothing>());
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();
        await socket.SendAsync("""{"watch":{"a":null}}""");

        Assert.Equal("""{"event":"denied","document_id":"a","status":404}""", await socket.ReadAsync());
    }

    [Fact]
    public async Task Silent_socket_sends_heartbeats()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100));
        await using var socket = await SocketClient.OpenAsync(host.Address);

        for (var i = 0; i < 3; i++)
            Assert.Equal("""{"event":"heartbeat"}""", await socket.ReadAsync());
    }

    [Fact]
    public async Task Stopping_host_says_bye_and_closes_with_1001()
    {
        await using var host = await TestHost.StartAsync();
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();

        var stopping = host.StopAsync();
        Assert.Matches("""^\{"event":"bye","reason":"shutdown","retry":[0-9]+\}$""", await socket.ReadAsync());
        Assert.Null(await socket.ReadAsync());
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "shutdown"), (socket.CloseStatus, socket.CloseReason));
        await stopping.WithinAsync("a stopped host", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Stopping_host_does_not_wait_for_a_socket_that_does_not_read()
    {
        await using var host = await TestHost.StartAsync();
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"doc":null}}""");
        for (var i = 0; i < 3_000; i++)
            await host.Publisher.PublishAsync(new("doc", "a", i / 30.0, new string('x', 1_000)));

        await host.StopAsync().WithinAsync("a stopped host", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Client_that_leaves_frees_its_topics()
    {
        await using var host = await TestHost.StartAsync(progress => progress.Services.Configure<ProgressOptions>(options =>
            (options.Linger, options.QuietInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100))));
        var hub = host.Services.GetRequiredService<Hub.ProgressHub>();
        var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null,"b":null}}""");
        await Eventually.TrueAsync(() => hub.TopicCount == 2, "two topics");
        await socket.CloseAsync();
        await Eventually.TrueAsync(() => hub.TopicCount == 0, "no topic after a close");

        var cut = await SocketClient.OpenAsync(host.Address);
        await cut.SendAsync("""{"watch":{"a":null,"b":null}}""");
        await Eventually.TrueAsync(() => hub.TopicCount == 2, "two topics");
        await cut.DisposeAsync();
        await Eventually.TrueAsync(() => hub.TopicCount == 0, "no topic after a cut");
    }

    [Theory]
    [InlineData("junk", "The message is not JSON in UTF-8")]
    [InlineData("{}", "The message holds no command.")]
    [InlineData("""{"watch":{"..":null}}""", "The document id '..' cannot stand in a URL")]
    [InlineData("""{"watch":{"a":null,"b":null,"c":null}}""", "3 documents or more are named, 2 are allowed on one stream.")]
    public async Task Junk_is_answered_with_the_reason_and_the_socket_goes_on(string message, string reason)
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 2);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(message);
        var error = await socket.ReadNewsAsync();
        Assert.Equal("error", error.GetProperty("event").GetString());
        Assert.StartsWith(reason, error.GetProperty("message").GetString(), StringComparison.Ordinal);

        await socket.SendAsync("""{"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task Documents_are_bounded_over_several_commands()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 2);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync("""{"watch":{"a":null,"b":null}}""");
        await socket.SendAsync("""{"watch":{"b":null,"c":null}}""");
        Assert.Equal("error", (await socket.ReadNewsAsync()).GetProperty("event").GetString());

        await socket.SendAsync("""{"unwatch":["a"],"watch":{"b":null,"c":null},"ping":1}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task Too_large_a_message_closes_with_1009()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.MaxDocumentsPerStream = 1);
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();
        await socket.SendAsync(new string(' ', 3_000));

        Assert.Null(await socket.ReadAsync());
        Assert.Equal((WebSocketCloseStatus.MessageTooBig, "Messages may have 2624 bytes."), (socket.CloseStatus, socket.CloseReason));
    }

    [Fact]
    public async Task Binary_message_closes_with_1003()
    {
        await using var host = await TestHost.StartAsync();
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();
        await socket.SendAsync([1, 2, 3], WebSocketMessageType.Binary);

        Assert.Null(await socket.ReadAsync());
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.CloseStatus);
    }

    [Fact]
    public async Task Message_that_does_not_end_in_time_closes_with_1008()
    {
        var time = new MessageClock();
        await using var host = await TestHost.StartAsync(progress => progress.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.ReadAsync();
        await socket.SendAsync("{\"watch\":"u8.ToArray(), isWhole: false);
        await time.Begun.Task.WithinAsync("a message that has begun");

        time.Advance(MessageClock.Limit);

        while (await socket.ReadAsync() is { } message)
            Assert.Equal("""{"event":"heartbeat"}""", message);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "A message may take 20 seconds from its first byte to its last."), (socket.CloseStatus, socket.CloseReason));
    }

    [Fact]
    public async Task Plain_GET_is_400()
    {
        await using var host = await TestHost.StartAsync();
        using var response = await host.Client.GetAsync("/progress/socket");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}", true)]
    [InlineData("https://127.0.0.1:{port}", true)]
    [InlineData("http://127.0.0.1", false)]
    [InlineData("http://evil.example:{port}", false)]
    [InlineData("null", false)]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://app.example.com", false)]
    public async Task Origin_decides_which_pages_may_open_a_socket(string origin, bool isAllowed)
    {
        await using var host = await TestHost.StartAsync(configure: options => options.AllowedOrigins.Add("https://app.example.com/"));
        origin = origin.Replace("{port}", host.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var opening = SocketClient.OpenAsync(host.Address, origin);

        if (isAllowed)
            await (await opening).DisposeAsync();
        else
            Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => opening)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socket_of_another_site_is_refused_to_Chromium_and_its_own_page_is_served()
    {
        await using var host = await TestHost.StartAsync();
        await using var other = await TestHost.StartAsync();
        await host.PublishAsync(new("a", "x", 10));
        const string script =
            """
            address => new Promise(resolve => {
              const socket = new WebSocket(address);
              socket.onopen = () => socket.send('{"watch":{"a":null}}');
              socket.onmessage = ({ data }) => { const state = JSON.parse(data); if (!state.event) resolve(`${state.document_id} ${state.progress}`); };
              socket.onclose = () => resolve('closed');
            })
            """;
        var address = $"ws://127.0.0.1:{host.Address.Port}/progress/socket";

        var own = await chromium.OpenAsync(new Uri(host.Address, "/progress/documents/a/status"));
        Assert.Equal("a 10", await own.EvaluateAsync<string>(script, address));
        var foreign = await chromium.OpenAsync(new Uri(other.Address, "/progress/documents/a/status"));
        Assert.Equal("closed", await foreign.EvaluateAsync<string>(script, address));
    }

    /// <summary>Tells when the limit of a message begins to count.</summary>
    private sealed class MessageClock : FakeTimeProvider
    {
        public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Limit)
                Begun.TrySetResult();
            return timer;
        }
    }

    private sealed class Nothing : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) => new([]);
    }
}
