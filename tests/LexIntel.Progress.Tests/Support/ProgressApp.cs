using LexIntel.Progress.Backplane;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Tests.Support;

/// <summary>The product as one process has it: a service container of its own.</summary>
internal sealed class ProgressApp : IAsyncDisposable
{
    private ProgressApp(ServiceProvider services, CollectingLogger log) => (Services, Log) = (services, log);

    public ServiceProvider Services { get; }

    public CollectingLogger Log { get; }

    public IProgressPublisher Publisher => Services.GetRequiredService<IProgressPublisher>();

    public IProgressSubscriber Subscriber => Services.GetRequiredService<IProgressSubscriber>();

    public IBackplane Backplane => Services.GetRequiredService<IBackplane>();

    public ProgressHub Hub => Services.GetRequiredService<ProgressHub>();

    public static ProgressApp Create(Action<ProgressBuilder>? build = null, Action<ProgressOptions>? configure = null, TimeProvider? time = null)
    {
        var log = new CollectingLogger();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        if (time is not null)
            services.AddSingleton(time);
        build?.Invoke(services.AddLexIntelProgress(configure));
        return new(services.BuildServiceProvider(), log);
    }

    /// <summary>Waits until everything that was published is stored.</summary>
    public async Task FlushAsync() => Assert.True(await Publisher.FlushAsync(Eventually.Limit), "The outbox was not empty in time.");

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
