using LexIntel.Progress.Hub;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>A server that cannot do what is needed is found when the host starts, not by the first user; one that is away is not.</summary>
public sealed class CapabilityTests
{
    private const string Prefix = "staging:";

    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_user_with_the_least_rights_publishes_and_reads()
    {
        await using var redis = await LaunchAsync();
        var configuration = await UserAsync(redis, RedisRights.For(new() { Prefix = Prefix }));
        using var host = Build(configuration);
        await host.StartAsync(Stopped);

        await using var history = new History(host.Services.GetRequiredService<IProgressSubscriber>(), "a");
        await host.Services.GetRequiredService<IProgressPublisher>().TrackAsync("a", null, (_, _) => Task.CompletedTask, cancellationToken: Stopped);
        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);

        await host.StopAsync(Stopped);
    }

    [Theory]
    [InlineData("-getex", "getex")]
    [InlineData("-mget", "mget")]
    [InlineData("-getrange", "getrange")]
    [InlineData("-set", "set")]
    [InlineData("-pexpiretime", "pexpiretime")]
    [InlineData("-pttl", "pttl")]
    [InlineData("-publish", "publish")]
    [InlineData("-subscribe", "subscribe")]
    [InlineData("-eval -evalsha", "eval")]
    [InlineData("resetkeys", "key")]
    [InlineData("resetchannels", "channel")]
    [InlineData("resetchannels &other:*", "channel")]
    public async Task Start_user_lacks_a_right_fails_and_names_it(string without, string named)
    {
        await using var redis = await LaunchAsync();
        using var host = Build(await UserAsync(redis, $"{RedisRights.For(new() { Prefix = Prefix })} {without}"), isReader: true);

        var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(Stopped));

        Assert.Contains(named, error.Message.Split(" Use Redis ")[0], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("give its user these rights: +eval", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-getex", "getex")]
    [InlineData("-getrange", "getrange")]
    [InlineData("-publish", "publish")]
    [InlineData("-eval -evalsha", "eval")]
    [InlineData("resetkeys", "key")]
    [InlineData("resetchannels", "channel")]
    public async Task Start_publisher_lacks_a_right_fails_and_names_it(string without, string named)
    {
        await using var redis = await LaunchAsync();
        using var host = Build(await UserAsync(redis, $"{RedisRights.For(new() { Prefix = Prefix })} {without}"));

        var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(Stopped));

        Assert.Contains(named, error.Message.Split(" Use Redis ")[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Start_publisher_needs_no_right_of_a_reader_and_who_reads_later_is_told()
    {
        await using var redis = await LaunchAsync();
        var log = new CollectingLogger();
        using var host = Build(await UserAsync(redis, $"{RedisRights.For(new() { Prefix = Prefix })} -subscribe -unsubscribe -mget -pttl -pexpiretime"), log);

        await host.StartAsync(Stopped);

        var publisher = host.Services.GetRequiredService<IProgressPublisher>();
        await publisher.TrackAsync("a", null, (_, _) => Task.CompletedTask, cancellationToken: Stopped);
        Assert.True(await publisher.FlushAsync(Eventually.Limit, Stopped));
        host.Services.GetRequiredService<ProgressHub>().Open();
        Assert.Contains("subscribe", (await log.WaitForAsync("Degraded")).Text, StringComparison.OrdinalIgnoreCase);
        await host.StopAsync(Stopped);
    }

    [Theory]
    [InlineData("PEXPIRETIME")]
    [InlineData("GETEX")]
    [InlineData("EVAL", "EVALSHA")]
    public async Task Start_server_lacks_a_command_fails_and_names_it(params string[] commands)
    {
        await using var redis = await LaunchAsync([.. commands.SelectMany(command => (string[])["--rename-command", command, ""])]);
        using var host = Build(redis.Configuration, isReader: true);

        var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(Stopped));

        Assert.Contains(commands[0], error.Message.Split(" Use Redis ")[0], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Use Redis 7.0 or newer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_server_is_away_starts_and_says_so()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = RedisServer.NotStarted();
        var log = new CollectingLogger();
        using var host = Build(redis.Configuration, log);

        await host.StartAsync(Stopped).WithinAsync("the host to start");

        Assert.Single(log.Named("BackplaneAwayAtStart"));
        await redis.StartAsync();
        await host.Services.GetRequiredService<IProgressPublisher>().PublishAsync(new("a", "x", 10), Stopped);
        Assert.True(await host.Services.GetRequiredService<IProgressPublisher>().FlushAsync(Eventually.Limit, Stopped));
        await host.StopAsync(Stopped);
    }

    [Fact]
    public async Task Right_is_taken_away_later_degrades_with_the_reason_and_recovers()
    {
        await using var redis = await LaunchAsync();
        var configuration = await UserAsync(redis, RedisRights.For(new() { Prefix = Prefix }));
        await using var app = ProgressApp.Create(
            builder => builder.UseRedis(configuration), options => (options.Prefix, options.QuietInterval) = (Prefix, TimeSpan.FromMilliseconds(200)));
        app.Hub.Open();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");

        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "progress", "-publish");
        await Eventually.TrueAsync(() => app.Hub.Degradation is not null, "the host to be degraded");
        Assert.Contains("'publish'", app.Hub.Degradation!.Detail, StringComparison.Ordinal);

        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "progress", "+publish");
        await Eventually.TrueAsync(() => app.Hub.Degradation is null, "the host to recover");
    }

    [Fact]
    public async Task Probe_leaves_nothing_behind_for_long()
    {
        await using var redis = await LaunchAsync();
        await using var app = ProgressApp.Create(builder => builder.UseRedis(redis.Configuration));
        for (var i = 0; i < 3; i++)
            await app.Backplane.ProbeAsync(isReader: true, Stopped);

        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        var key = Assert.Single(admin.GetServers()[0].Keys());
        Assert.InRange((await admin.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Empty(await admin.GetServers()[0].SubscriptionChannelsAsync(RedisChannel.Pattern("document:*")));
    }

    private static async Task<RedisServer> LaunchAsync(params string[] arguments)
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        return await RedisServer.LaunchAsync(arguments);
    }

    /// <summary>Makes a user with these rights only, and returns how to connect as that user.</summary>
    private static async Task<string> UserAsync(RedisServer redis, string rights)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await admin.GetDatabase().ExecuteAsync("ACL", ["SETUSER", "progress", "reset", "on", ">secret", .. rights.Split(' ')]);
        return redis.Configuration + ",user=progress,password=secret";
    }

    private static IHost Build(string configuration, CollectingLogger? log = null, bool isReader = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddLexIntelProgress(options => (options.Prefix, options.ShutdownFlush) = (Prefix, TimeSpan.Zero)).UseRedis(configuration + ",connectTimeout=1000");
        var host = builder.Build();
        // What is asked for before the start, as services do that are given it, is meant to be used.
        if (isReader)
            host.Services.GetRequiredService<IProgressSubscriber>();
        return host;
    }
}
