using System.Globalization;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What time does to streams: they beat when they are silent, end before they grow old, and go on as new ones.</summary>
public sealed class StreamAgeTests
{
    [Fact]
    public async Task Old_stream_says_bye_with_a_short_retry_and_resumes_behind_what_the_client_has()
    {
        await using var host = await StartAsync();
        await host.PublishAsync(new("doc", "x", 10));
        await using var stream = await host.StreamAsync("doc");
        var blocks = await stream.ReadToEndAsync();

        Assert.Equal("event: bye\ndata: {\"reason\":\"max-age\"}", blocks[^1]);
        Assert.InRange(int.Parse(blocks[^2]["retry: ".Length..], CultureInfo.InvariantCulture), 100, 1_000);
        var id = blocks.Single(block => block.StartsWith("id: ", StringComparison.Ordinal)).Split('\n')[0]["id: ".Length..];
        await using var again = await host.StreamAsync("doc", id);
        await host.PublishAsync(new("doc", "x", 20));
        Assert.Contains("\"progress\":20,", await again.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_socket_says_bye_and_closes_with_1001()
    {
        await using var host = await StartAsync();
        await using var socket = await SocketClient.OpenAsync(host.Address);

        Assert.Equal("max-age", (await socket.ReadNewsAsync()).GetProperty("reason").GetString());
        Assert.Null(await socket.ReadAsync());
        Assert.Equal((System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, "max-age"), (socket.CloseStatus, socket.CloseReason));
    }

    [Fact]
    public async Task Streams_that_begin_together_do_not_end_together()
    {
        await using var host = await TestHost.StartAsync();
        var streams = new OpenStreams(null!, null!, null!, new() { MaxStreamAge = TimeSpan.FromSeconds(100) }, TimeProvider.System, host.Services.GetRequiredService<IHostApplicationLifetime>());
        var ages = Enumerable.Range(0, 1_000).Select(_ => TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), streams.NextEnd()).TotalSeconds).ToList();

        Assert.All(ages, age => Assert.InRange(age, 79.9, 100));
        // Each twentieth of the range gets its share of 50, give or take what chance allows.
        Assert.All(Enumerable.Range(0, 20), i => Assert.InRange(ages.Count(age => (int)(age - 80) == i), 15, 110));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(600, 2)]
    [InlineData(2_000, 8)]
    public async Task Many_streams_that_are_silent_together_beat_in_parts_within_a_second(int count, int parts)
    {
        await using var host = await TestHost.StartAsync();
        var (hub, time, options) = (host.Services.GetRequiredService<ProgressHub>(), new FakeTimeProvider(), new ProgressStreamOptions { MaxNewStreamsPerSecond = count });
        using var limits = new StreamLimits(hub, options, hub.Metrics, NullLogger<StreamLimits>.Instance);
        var streams = new OpenStreams(hub, null!, limits, options, time, host.Services.GetRequiredService<IHostApplicationLifetime>());
        var mailboxes = Enumerable.Range(0, count).Select(static _ => new Mailbox()).ToList();
        foreach (var mailbox in mailboxes)
        {
            var context = new DefaultHttpContext { RequestServices = host.Services };
            streams.Add(new ProgressStream(mailbox, SseTransport.Begin(context), (await StreamGuard.EnterAsync(context, streams))!, [], greets: false, streams));
        }

        var waits = mailboxes.ConvertAll(static mailbox => mailbox.WaitAsync().AsTask());
        time.Advance(options.HeartbeatInterval - TimeSpan.FromTicks(1));
        await AssertAwakeAsync(0);
        for (var part = 1; part <= parts; part++)
        {
            time.Advance(TimeSpan.FromSeconds(1) / parts);
            await AssertAwakeAsync(count / parts * part);
        }

        async Task AssertAwakeAsync(int most)
        {
            await Eventually.TrueAsync(() => waits.Count(static wait => wait.IsCompleted) >= most, $"{most} woken streams");
            // Behind all that were woken.
            var fence = new Signal(Dispatcher.Shared);
            var passed = fence.WaitAsync().AsTask();
            fence.Set();
            await passed;
            Assert.Equal(most, waits.Count(static wait => wait.IsCompleted));
        }
    }

    [Fact]
    public async Task Stream_that_begins_while_the_last_one_ends_is_woken_when_it_is_due()
    {
        await using var host = await TestHost.StartAsync();
        var (hub, time, options) = (host.Services.GetRequiredService<ProgressHub>(), new OnStop(), new ProgressStreamOptions());
        using var limits = new StreamLimits(hub, options, hub.Metrics, NullLogger<StreamLimits>.Instance);
        var streams = new OpenStreams(hub, null!, limits, options, time, host.Services.GetRequiredService<IHostApplicationLifetime>());
        var mailbox = new Mailbox();
        var (last, next) = (await MakeAsync(new()), await MakeAsync(mailbox));
        streams.Add(last);
        time.Stopping = () => streams.Add(next);

        streams.Remove(last);
        if (time.Stopping is not null)
            streams.Add(next);

        var woken = mailbox.WaitAsync().AsTask();
        time.Advance(options.HeartbeatInterval);
        time.Advance(options.HeartbeatInterval);
        await woken.WithinAsync("a heartbeat that is due");

        async Task<ProgressStream> MakeAsync(Mailbox of)
        {
            var context = new DefaultHttpContext { RequestServices = host.Services };
            return new(of, SseTransport.Begin(context), (await StreamGuard.EnterAsync(context, streams))!, [], greets: false, streams);
        }
    }

    /// <summary>Does something just before a timer is stopped.</summary>
    private sealed class OnStop : FakeTimeProvider
    {
        public Action? Stopping { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(base.CreateTimer(callback, state, dueTime, period), this);

        private sealed class Timer(ITimer inner, OnStop time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    var stopping = time.Stopping;
                    time.Stopping = null;
                    stopping?.Invoke();
                }

                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }

    private static Task<TestHost> StartAsync() => TestHost.StartAsync(configure: options =>
        (options.MaxStreamAge, options.HeartbeatInterval) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500)));
}
