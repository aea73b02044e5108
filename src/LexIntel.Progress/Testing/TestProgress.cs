using System.Buffers;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Testing;

/// <summary>
/// Progress for tests: the product itself, in process, which also remembers everything that is reported to it, in order, before anything is left
/// out for slow readers. Pass it to code that publishes or reads; put it into a host with <see cref="ProgressTestingExtensions.UseTestProgress"/>.
/// Every member may be called from any thread.
/// </summary>
public sealed class TestProgress : IProgressPublisher, IProgressSubscriber, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ProgressSnapshot> _reported = [];
    private readonly ServiceProvider _services;
    private readonly IProgressSubscriber _subscriber;
    private ProgressPublisher _worker;

    /// <summary>Makes an empty one, which knows no document.</summary>
    /// <param name="time">The clock of leases and intervals, such as a <c>FakeTimeProvider</c>. <see langword="null"/>: the system's.</param>
    /// <param name="configure">Changes settings. Default: those of the product, but <see cref="ProgressOptions.PublishInterval"/> and <see cref="ProgressOptions.BatchInterval"/> are zero.</param>
    public TestProgress(TimeProvider? time = null, Action<ProgressOptions>? configure = null)
    {
        Time = time;
        var services = new ServiceCollection();
        if (time is not null)
            services.AddSingleton(time);
        services.AddLexIntelProgress(static options => options.PublishInterval = options.BatchInterval = TimeSpan.Zero);
        if (configure is not null)
            services.Configure(configure);
        _services = services.BuildServiceProvider();
        _subscriber = _services.GetRequiredService<IProgressSubscriber>();
        _worker = NewWorker();
    }

    internal TimeProvider? Time { get; }

    internal IBackplane Backplane => _services.GetRequiredService<IBackplane>();

    /// <summary>What was reported so far, oldest first, as readers would see it: every report that changed something, whether it was sent on or not.</summary>
    /// <param name="documentId">The document; <see langword="null"/> for all.</param>
    /// <returns>A copy. The states have no revision, which they get when they are sent.</returns>
    public IReadOnlyList<ProgressSnapshot> Reported(string? documentId = null)
    {
        lock (_gate)
            return [.. _reported.Where(state => documentId is null || state.DocumentId == documentId)];
    }

    /// <summary>
    /// Kills the process of the jobs that were started here, as far as anybody can see: nothing they say from now on is sent, and their leases run
    /// out. What is started afterwards runs in a new process.
    /// </summary>
    public async Task KillWorkerAsync()
    {
        ProgressPublisher killed;
        lock (_gate)
            (killed, _worker) = (_worker, NewWorker());
        await killed.KillAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(ProgressUpdate update, CancellationToken cancellationToken = default) => Worker.PublishAsync(update, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeclareBatchAsync(ProgressBatch batch, CancellationToken cancellationToken = default) => Worker.DeclareBatchAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> FlushAsync(TimeSpan limit, CancellationToken cancellationToken = default) => Worker.FlushAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public ProgressJob Start(string documentId, ProgressPlan? plan = null, TrackOptions? options = null) => Worker.Start(documentId, plan, options);

    /// <inheritdoc/>
    public Task TrackAsync(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default) => Worker.TrackAsync(documentId, plan, work, options, cancellationToken);

    /// <inheritdoc/>
    public Task<T> TrackAsync<T>(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task<T>> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default) => Worker.TrackAsync(documentId, plan, work, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ProgressSnapshot?> GetSnapshotAsync(string documentId, CancellationToken cancellationToken = default) =>
        _subscriber.GetSnapshotAsync(documentId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default) =>
        _subscriber.SubscribeAsync(documentId, after, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default) =>
        _subscriber.SubscribeAsync(documentIds, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ProgressBatchSnapshot?> GetBatchAsync(string batchId, CancellationToken cancellationToken = default) =>
        _subscriber.GetBatchAsync(batchId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressBatchSnapshot> SubscribeBatchAsync(string batchId, ProgressRevision? after = null, CancellationToken cancellationToken = default) =>
        _subscriber.SubscribeBatchAsync(batchId, after, cancellationToken);

    /// <summary>Ends all reading and publishing. It waits for nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await Worker.KillAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    internal void Remember(in StateFields reported)
    {
        // As readers get it: rounded, cut, and at most 99.9 % before the end.
        var json = new ArrayBufferWriter<byte>();
        StateWriter.Write(json, reported, full: true);
        var isRead = StateReader.Read(json.WrittenSpan, reported.DocumentId, reported.Timestamp, out var read) == StateRejection.None;
        lock (_gate)
            _reported.Add((isRead ? read : reported).ToSnapshot());
    }

    private ProgressPublisher Worker
    {
        get
        {
            lock (_gate)
                return _worker;
        }
    }

    private ProgressPublisher NewWorker() => new(
        Backplane, _services.GetRequiredService<IOptions<ProgressOptions>>(), _services.GetRequiredService<TimeProvider>(),
        _services.GetRequiredService<ProgressMetrics>(), _services.GetRequiredService<ILoggerFactory>(), tap: Remember);
}
