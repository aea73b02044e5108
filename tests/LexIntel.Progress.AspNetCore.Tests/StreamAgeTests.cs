using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Streams end before they grow old, and go on as new ones.</summary>
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

    private static Task<TestHost> StartAsync() => TestHost.StartAsync(configure: options =>
        (options.MaxStreamAge, options.HeartbeatInterval) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500)));
}
