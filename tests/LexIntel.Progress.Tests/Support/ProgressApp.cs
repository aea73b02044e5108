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

    /// <summary>The subscriber under test: the process' own, unless the test puts another in its place.</summary>
    public IProgressSubscriber Subscriber
    {
        get => field ?? Services.GetRequiredService<IProgressSubscriber>();
        set;
    }

    public IBackplane Backplane => Services.GetRequiredService<IBackplane>();

    public ProgressHub Hub => Services.GetRequiredService<ProgressHub>();

    public static ProgressApp Create(Action<ProgressBuilder>? build = null, Action<ProgressOptions>? configure = null, TimeProvider? time = null)
    {
        var log = new CollectingLogger();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        if (time is not null)
            services.AddSingleton(time);
        var builder = services.AddLexIntelProgress(configure);
        build?.Invoke(builder);
        return new(services.BuildServiceProvider(), log);
    }

    /// <summary>Waits until everything that was published is stored.</summary>
    public async Task FlushAsync() =>
        Assert.True(await Publisher.FlushAsync(Timeout.InfiniteTimeSpan).WithinAsync("an empty outbox"), "The outbox was not empty.");

    /// <summary>Waits until everything that was published is stored, and reads a document that must be known.</summary>
    public async Task<ProgressSnapshot> StoredAsync(string documentId)
    {
        await FlushAsync();
        return Assert.IsType<ProgressSnapshot>(await Subscriber.GetSnapshotAsync(documentId));
    }

    /// <summary>Watches a document until a state is what the test waits for.</summary>
    public async Task<ProgressSnapshot> UntilAsync(string documentId, Func<ProgressSnapshot, bool> isIt)
    {
        await using var history = new History(Subscriber, documentId);
        return await history.UntilAsync(isIt, "a certain state");
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
