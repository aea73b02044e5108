using LexIntel.Progress.Hub;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>Degraded is said when it is true for 5 s, and taken back when it is surely over.</summary>
public sealed class BackplaneHealthTests
{
    private static readonly TimeoutException Away = new("away");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly BackplaneHealth _health;
    private int _changes;

    public BackplaneHealthTests()
    {
        _health = new(_time, NullLogger<BackplaneHealth>.Instance);
        _health.Changed += () => _changes++;
    }

    [Fact]
    public void Fail_within_5_s_after_a_success_is_not_degraded()
    {
        _health.Read();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        _health.FailToRead(Away);

        Assert.Null(_health.Degradation);
        Assert.True(_health.IsReadingFailing);
    }

    [Fact]
    public void Fail_5_s_after_the_last_success_is_degraded_and_says_why()
    {
        _health.Read();
        _time.Advance(TimeSpan.FromSeconds(5));
        _health.FailToRead(Away);

        Assert.Equal(new Degradation(_time.GetUtcNow(), "backplane-unavailable", "away"), _health.Degradation);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Fail_before_any_success_is_degraded_at_once()
    {
        _health.FailToDeliver(Away);

        Assert.NotNull(_health.Degradation);
    }

    [Fact]
    public void Success_is_not_enough_and_the_second_one_recovers()
    {
        _health.FailToRead(Away);
        _health.Read();
        Assert.NotNull(_health.Degradation);

        _health.Read();

        Assert.Null(_health.Degradation);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void Failure_between_two_successes_begins_the_count_anew()
    {
        _health.FailToRead(Away);
        _health.Read();
        _health.FailToRead(Away);
        _health.Read();

        Assert.NotNull(_health.Degradation);
    }

    [Fact]
    public void Reading_that_works_does_not_hide_that_nothing_is_delivered()
    {
        _health.Deliver();
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _health.Read();
            _health.FailToDeliver(Away);
        }

        Assert.NotNull(_health.Degradation);
        _health.Read();
        _health.Read();
        Assert.NotNull(_health.Degradation);
    }

    [Fact]
    public void Both_ways_have_to_recover_and_the_first_reason_stays()
    {
        _health.FailToRead(Away);
        var first = _health.Degradation;
        _time.Advance(TimeSpan.FromSeconds(1));
        _health.FailToDeliver(new TimeoutException("another"));
        Assert.Same(first, _health.Degradation);
        _health.Read();
        _health.Read();
        Assert.NotNull(_health.Degradation);

        _health.Deliver();
        _health.Deliver();

        Assert.Null(_health.Degradation);
        Assert.Equal(2, _changes);
    }
}
