using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What a stream still does when its host stops.</summary>
public sealed class StoppingStreamTests
{
    [Fact]
    public async Task Client_that_does_not_read_the_farewell_holds_up_the_end_no_longer_than_half_a_second()
    {
        await using var host = await TestHost.StartAsync();
        var (hub, time, options) = (host.Services.GetRequiredService<ProgressHub>(), new FakeTimeProvider(), new ProgressStreamOptions());
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var limits = new StreamLimits(hub, options, hub.Metrics, NullLogger<StreamLimits>.Instance);
        var streams = new OpenStreams(hub, null!, limits, options, time, lifetime);
        using var guard = await StreamGuard.EnterAsync(new DefaultHttpContext { RequestServices = host.Services }, streams);
        var transport = new Unread();
        lifetime.StopApplication();

        var running = new ProgressStream(new Mailbox(), transport, guard!, [], greets: false, streams).RunAsync();
        await transport.Flushing.Task.WithinAsync("a farewell");
        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(500));

        await running.WithinAsync("the end of the stream");
    }

    /// <summary>A client that reads nothing.</summary>
    private sealed class Unread : IStreamTransport
    {
        public TaskCompletionSource Flushing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "test";

        public bool IsFull => false;

        public bool EndsWithDocuments => false;

        public CancellationToken Left => CancellationToken.None;

        public ValueTask TakeCommandsAsync() => default;

        public void Forget(Watch watch)
        {
        }

        public void WriteState(State state, bool full)
        {
        }

        public void WriteEvent(StreamEvent streamEvent)
        {
        }

        public void WriteRetry(TimeSpan delay)
        {
        }

        public void WriteBye(string reason, TimeSpan delay)
        {
        }

        public void WriteEnd(ProgressRevision? newest)
        {
        }

        public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
        {
            Flushing.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
    }
}
