using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Limits;

/// <summary>How fast the commands of a WebSocket may come.</summary>
public sealed class CommandRateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(10_000)]
    public void TryTake_takes_a_seconds_worth_at_once_and_then_its_share_of_time(int perSecond)
    {
        var time = new FakeTimeProvider();
        var rate = new CommandRate(perSecond, time);

        Assert.Equal(perSecond, Enumerable.Range(0, perSecond + 5).Count(_ => rate.TryTake()));
        time.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
        Assert.Equal([true, false], new[] { rate.TryTake(), rate.TryTake() });
    }

    [Fact]
    public void TryTake_long_silence_saves_up_no_more_than_a_second()
    {
        var time = new FakeTimeProvider();
        var rate = new CommandRate(20, time);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => rate.TryTake()));
    }

    [Fact]
    public async Task Commands_that_come_too_fast_are_refused_with_the_reason_and_the_socket_goes_on()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await TestHost.StartAsync(
            progress => progress.Services.AddSingleton<TimeProvider>(time), options => options.MaxSocketCommandsPerSecond = 2);
        await host.PublishAsync(new("a", "x", 10));
        await using var socket = await SocketClient.OpenAsync(host.Address);
        for (var i = 1; i <= 2; i++)
        {
            await socket.SendAsync($$"""{"ping":{{i}}}""");
            Assert.Equal(i, (await socket.ReadNewsAsync()).GetProperty("ping").GetInt32());
        }

        await socket.SendAsync("""{"watch":{"a":null}}""");
        var refusal = await socket.ReadNewsAsync();
        Assert.Equal(("error", 1_000), (refusal.GetProperty("event").GetString(), refusal.GetProperty("retry").GetInt32()));
        Assert.StartsWith("More than 2 commands a second came on this socket", refusal.GetProperty("message").GetString(), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMilliseconds(refusal.GetProperty("retry").GetInt32()));
        await socket.SendAsync("""{"watch":{"a":null}}""");
        Assert.Equal(10, (await socket.ReadNewsAsync()).GetProperty("progress").GetInt32());
    }
}
