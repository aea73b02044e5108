using LexIntel.Progress.Backplane;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Support;

/// <summary>A test that runs against each backplane. Every test has names of its own on the servers that tests share.</summary>
public abstract class BackplaneTest(SharedServers servers) : IAsyncLifetime
{
    private readonly List<ProgressApp> _apps = [];
    private readonly Stack<IAsyncDisposable> _more = new();
    private string? _configuration;
    private ConnectionMultiplexer? _probe;

    protected abstract BackplaneKind Kind { get; }

    /// <summary>Prefix of this test's keys and channels.</summary>
    protected string Prefix { get; } = Guid.NewGuid().ToString("N") + ":";

    protected static CancellationToken Stopped => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Kind != BackplaneKind.InProcess)
            _configuration = await servers.ConfigurationAsync(Kind);
    }

    public async ValueTask DisposeAsync()
    {
        while (_more.TryPop(out var one))
            await one.DisposeAsync();
        foreach (var app in _apps)
            await app.DisposeAsync();
        if (_probe is not null)
            await _probe.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>One more process on the same backplane.</summary>
    private protected ProgressApp App(Action<ProgressOptions>? configure = null, TimeProvider? time = null, Action<ProgressBuilder>? more = null)
    {
        var app = ProgressApp.Create(
            builder =>
            {
                if (_configuration is not null)
                    builder.UseRedis(_configuration);
                else if (_apps is [var first, ..])
                    builder.Services.Replace(ServiceDescriptor.Singleton(first.Backplane));
                more?.Invoke(builder);
            },
            options =>
            {
                options.Prefix = Prefix;
                options.ShardedChannels = Kind == BackplaneKind.ShardedCluster;
                configure?.Invoke(options);
            },
            time);
        _apps.Add(app);
        OnCreated(app);
        return app;
    }

    /// <summary>What a kind of test adds to each process.</summary>
    private protected virtual void OnCreated(ProgressApp app)
    {
    }

    /// <summary>Disposes something at the end of the test, before the processes.</summary>
    private protected T Own<T>(T one)
        where T : IAsyncDisposable
    {
        _more.Push(one);
        return one;
    }

    /// <summary>A look at the server past the product.</summary>
    private protected async Task<ConnectionMultiplexer> ProbeAsync() => _probe ??= await ConnectionMultiplexer.ConnectAsync(_configuration!);

    private protected RedisKey Key(string documentId) => $"{Prefix}document:{documentId}:progress";

    // Routed: messages keep their order in a Cluster only when one node gets them all.
    private protected RedisChannel Channel(string documentId) => Kind == BackplaneKind.ShardedCluster
        ? RedisChannel.Sharded($"{Prefix}document:{documentId}:progress")
        : RedisChannel.Literal($"{Prefix}document:{documentId}:progress").WithKeyRouting();

    /// <summary>What arrives on the channel of one document or batch, each message once.</summary>
    private protected Task<Messages> MessagesAsync(IBackplane backplane, Subject subject) => Messages.OfAsync(backplane, subject, mayComeTwice: Kind == BackplaneKind.Cluster);

    /// <summary>A message that another program sends on the channel of a document.</summary>
    private protected async Task SendForeignAsync(string documentId, string json) =>
        await (await ProbeAsync()).GetSubscriber().PublishAsync(Channel(documentId), json);
}
