using LexIntel.Progress.Http;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Http;

public sealed class BackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Next_is_spread_over_a_span_that_doubles_up_to_the_limit()
    {
        double[] highest = new double[8];
        for (var run = 0; run < 500; run++)
        {
            var backoff = new Backoff(Second, Second * 30);
            for (var i = 0; i < highest.Length; i++)
                highest[i] = Math.Max(highest[i], backoff.Next(TimeSpan.Zero).TotalSeconds);
        }

        double[] spans = [1, 2, 4, 8, 16, 30, 30, 30];
        Assert.All(highest.Zip(spans), pair => Assert.InRange(pair.First, pair.Second * 0.9, pair.Second));
    }

    [Fact]
    public void Next_begins_after_what_the_host_asks_for_and_is_spread_all_the_same()
    {
        var delays = Enumerable.Range(0, 100).Select(_ => new Backoff(Second, Second).Next(Second * 10)).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, Second * 10, Second * 11));
        Assert.True(delays.Distinct().Count() > 50);
    }

    [Fact]
    public void Reset_begins_anew()
    {
        var backoff = new Backoff(Second, Second * 30);
        for (var i = 0; i < 100; i++)
            Assert.InRange(backoff.Next(TimeSpan.Zero), TimeSpan.Zero, Second * 30);
        backoff.Reset();

        Assert.InRange(backoff.Next(TimeSpan.Zero), TimeSpan.Zero, Second);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 300)]
    [InlineData("Sat, 03 Jan 2026 10:00:20 GMT", 20)]
    [InlineData("Fri, 02 Jan 2026 10:00:00 GMT", 0)]
    [InlineData("soon", 0)]
    [InlineData(null, 0)]
    public void Wait_is_what_Retry_After_says_within_reason(string? header, double seconds)
    {
        using var response = new HttpResponseMessage();
        if (header is not null)
            response.Headers.TryAddWithoutValidation("Retry-After", header);

        Assert.Equal(TimeSpan.FromSeconds(seconds), response.Wait(new FakeTimeProvider(new(2026, 1, 3, 10, 0, 0, TimeSpan.Zero))));
    }
}
