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
    public void Token_that_has_fired_is_let_go_of_when_another_is_made()
    {
        var fired = _limit.Begin();
        _time.Advance(Limit);
        _ = _limit.Begin();

        // The one member that tells whether its source was disposed.
        Assert.Throws<ObjectDisposedException>(() => fired.WaitHandle);
    }
}
