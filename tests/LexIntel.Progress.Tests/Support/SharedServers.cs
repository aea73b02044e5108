using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedServers))]

namespace LexIntel.Progress.Tests.Support;

/// <summary>The servers that tests share, each under a prefix of its own; tests that harm a server start one of their own.</summary>
public sealed class SharedServers : IAsyncDisposable
{
    private readonly Lazy<Task<RedisServer>> _redis = new(() => RedisServer.LaunchAsync());
    private readonly Lazy<Task<RedisCluster>> _cluster = new(() => RedisCluster.LaunchAsync());
    private readonly Lazy<GarnetServer> _garnet = new(GarnetServer.Launch);

    /// <summary>The configuration string of a server; skips the test where there is none.</summary>
    public async Task<string> ConfigurationAsync(BackplaneKind kind)
    {
        if (kind == BackplaneKind.Garnet)
            return _garnet.Value.Configuration;
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        return kind == BackplaneKind.Redis ? (await _redis.Value).Configuration : (await _cluster.Value).Configuration;
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis.IsValueCreated)
            await (await _redis.Value).DisposeAsync();
        if (_cluster.IsValueCreated)
            await (await _cluster.Value).DisposeAsync();
        if (_garnet.IsValueCreated)
            await _garnet.Value.DisposeAsync();
    }
}
