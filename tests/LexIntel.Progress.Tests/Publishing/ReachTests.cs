using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>When a store that does not take updates is tried again.</summary>
public sealed class ReachTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ProgressApp _app;
    private readonly Reach _reach;

    public ReachTests()
    {
        _app = ProgressApp.Create(time: _time);
        var outbox = new Outbox(new(), _time, () => false, _app.Services.GetRequiredService<ProgressMetrics>(), NullLogger<Outbox>.Instance);
        _reach = new(outbox, _time, NullLogger<Pump>.Instance);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Postpone_waits_ever_longer_up_to_a_second() =>
        Assert.Equal([100, 200, 400, 800, 1000, 1000], Enumerable.Range(0, 6).Select(_ => PostponeAndWait()));

    [Fact]
    public void TryNow_after_a_long_outage_the_next_tries_follow_quickly()
    {
        for (var i = 0; i < 10; i++)
            PostponeAndWait();

        _reach.TryNow();

        Assert.Null(_reach.RetryAt);
        Assert.Equal([100, 200], [PostponeAndWait(), PostponeAndWait()]);
    }

    /// <summary>How many milliseconds later it is tried again.</summary>
    private double PostponeAndWait()
    {
        _reach.Postpone();
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), _reach.RetryAt!.Value);
        _time.Advance(wait);
        return wait.TotalMilliseconds;
    }
}
