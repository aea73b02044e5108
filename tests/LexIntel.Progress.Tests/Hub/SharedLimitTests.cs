using LexIntel.Progress.Hub;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>One token for many that begin together: none takes longer than the limit, and none much less.</summary>
public sealed class SharedLimitTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly SharedLimit _limit;

    public SharedLimitTests() => _limit = new(Limit, _time);

    public void Dispose() => _limit.Dispose();

    [Fact]
    public void What_begins_within_a_tenth_shares_a_token_what_begins_later_has_its_own()
    {
        var first = _limit.Begin();
        _time.Advance(Limit / 10);
        var second = _limit.Begin();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var third = _limit.Begin();

        Assert.Equal(first, second);
        Assert.NotEqual(second, third);
        _time.Advance(Limit - (Limit / 10) - TimeSpan.FromMilliseconds(1));
        Assert.True(second.IsCancellationRequested);
        Assert.False(third.IsCancellationRequested);
        _time.Advance(Limit / 10 + TimeSpan.FromMilliseconds(1));
        Assert.True(third.IsCancellationRequested);
    }

    [Fact]
    public async Task End_of_everything_fires_all_tokens_also_later_ones()
    {
        var first = _limit.Begin();
        _time.Advance(Limit / 2);
        var second = _limit.Begin();

        await _limit.StopAsync();

        _time.Advance(Limit / 4);
        Assert.All([first, second, _limit.Begin()], static token => Assert.True(token.IsCancellationRequested));
        Assert.True(_limit.IsStopped);
    }

    [Fact]
    public void Token_that_is_just_firing_when_another_is_made_tells_everybody()
    {
        var (time, isTold) = (new OnDispose(), false);
        using var limit = new SharedLimit(Limit, time);
        using var told = limit.Begin().Register(() => isTold = true);
        // A source that fires ends its timer before it tells.
        time.TimerDisposed = () => Assert.False(limit.Begin().IsCancellationRequested);

        time.Advance(Limit);

        Assert.True(isTold);
    }

    private sealed class OnDispose : FakeTimeProvider
    {
        public Action? TimerDisposed { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(base.CreateTimer(callback, state, dueTime, period), this);

        private sealed class Timer(ITimer inner, OnDispose time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                inner.Dispose();
                var disposed = time.TimerDisposed;
                time.TimerDisposed = null;
                disposed?.Invoke();
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
