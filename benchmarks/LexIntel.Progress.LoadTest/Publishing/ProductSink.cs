using System.Diagnostics.Metrics;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A tracked job per document: leases, steps and an estimate included.</summary>
internal sealed class ProductSink : IUpdateSink, IDisposable
{
    private static readonly ProgressPlan Plan = new(("extraction", 3), ("embedding", 1));
    private readonly IProgressPublisher _publisher;
    private readonly ProgressJob?[] _jobs;
    private readonly MeterListener _listener = new();
    private double _fraction;
    private long _stored;
    private long _awaited = long.MaxValue;
    private volatile TaskCompletionSource _reached = new();

    /// <param name="redis">Where to publish.</param>
    /// <param name="documents">How many documents there are.</param>
    /// <param name="isSharded">Whether its channels are sharded.</param>
    /// <param name="period">The time between two updates of one document. The publisher's throttle is set below it: what is measured is the way, not the throttle.</param>
    public ProductSink(string redis, int documents, bool isSharded, TimeSpan period)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress(options =>
        {
            options.PublishInterval = TimeSpan.FromTicks(Math.Min(options.PublishInterval.Ticks, period.Ticks / 2));
            options.ShardedChannels = isSharded;
        }).UseRedis(redis);
        _publisher = services.BuildServiceProvider().GetRequiredService<IProgressPublisher>();
        _jobs = new ProgressJob[documents];
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Name: "lexintel.progress.updates.stored", Meter.Name: ProgressDiagnostics.MeterName })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) =>
        {
            if (Interlocked.Add(ref _stored, count) >= Volatile.Read(ref _awaited))
                _reached.TrySetResult();
        });
        _listener.Start();
    }

    public void Publish(int document, string message)
    {
        if (_jobs[document] is not { } job)
        {
            _jobs[document] = job = _publisher.Start(Documents.Id(document), Plan);
            job.StartStep("extraction");
        }

        _fraction = _fraction >= 0.9 ? 0 : _fraction + 1e-6;
        job.Report(_fraction, message);
    }

    public async Task FlushAsync()
    {
        if (!await _publisher.FlushAsync(TimeSpan.FromSeconds(60)))
            throw new TimeoutException("The updates were not stored within 60 seconds.");
        Volatile.Write(ref _stored, 0);
    }

    public async Task WaitForAsync(long updates)
    {
        _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, updates);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _stored) < updates)
            await _reached.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public void Dispose() => _listener.Dispose();
}
