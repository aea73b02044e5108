using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Publishing;

/// <summary>Checks what users hand in, and owns the outbox and its pump, which starts with the first report.</summary>
internal sealed class ProgressPublisher : IProgressPublisher, IAsyncDisposable, IDisposable
{
    private static readonly TrackOptions DefaultOptions = new();

    private readonly Outbox _outbox;
    private readonly Lazy<Pump> _pump;
    private readonly ProgressOptions _options;
    private readonly IHostApplicationLifetime? _lifetime;
    private readonly ILogger<ProgressPublisher> _logger;
    private bool _hasGivenUp;
    private bool _isDisposed;

    public ProgressPublisher(
        IBackplane backplane, IOptions<ProgressOptions> options, TimeProvider time, ProgressMetrics metrics, ILoggerFactory loggers,
        IHostApplicationLifetime? lifetime = null, ReportTap? tap = null)
    {
        _options = options.Value;
        _lifetime = lifetime;
        _logger = loggers.CreateLogger<ProgressPublisher>();
        _outbox = new(_options, time, () => IsHostStopping, metrics, loggers.CreateLogger<Outbox>(), tap);
        _pump = new(() => new Pump(_outbox, backplane, _options, time, metrics, loggers.CreateLogger<Pump>()));
    }

    /// <summary>Whether nothing is sent any more although there is something to send: a defect, which only a restart mends.</summary>
    public bool IsStuck => _pump.IsValueCreated && !_isDisposed && _pump.Value.IsStuck;

    public ValueTask PublishAsync(ProgressUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        cancellationToken.ThrowIfCancellationRequested();
        Check(update);
        Open();
        _outbox.Accept(update);
        return ValueTask.CompletedTask;
    }

    public ValueTask DeclareBatchAsync(ProgressBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        DocumentIds.ThrowIfInvalid(batch.BatchId, nameof(batch), "batch id");
        if (batch.ExpectedTotal is < 1 or > BatchLimits.Members)
            throw new ArgumentOutOfRangeException(nameof(batch), batch.ExpectedTotal, $"The expected total of batch '{batch.BatchId}' must be from 1 to {BatchLimits.Members:N0}; leave it out when it is not known, and divide what is larger into several batches.");
        Open();
        _outbox.Declare(batch);
        return ValueTask.CompletedTask;
    }

    public Task<bool> FlushAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        if (limit < TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "The limit of a flush cannot be negative. Pass zero not to wait, or Timeout.InfiniteTimeSpan to wait for ever.");
        return _pump.IsValueCreated ? _outbox.FlushAsync(_pump.Value.Running, limit, cancellationToken) : Task.FromResult(true);
    }

    public ProgressJob Start(string documentId, ProgressPlan? plan = null, TrackOptions? options = null)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        options ??= DefaultOptions;
        CheckBatch(options.BatchId, options.BatchWeight, nameof(options));
        if (options.Continue is { } attempt && attempt.DocumentId != documentId)
            throw new ArgumentException($"The attempt to continue is of document '{attempt.DocumentId}', not of '{documentId}'. Pass the attempt that this document's job handed over.", nameof(options));
        if (options.Continue is { IsUsable: false })
            throw new ArgumentException($"The attempt to continue on document '{documentId}' is damaged: a part of it is missing or out of range. Pass on unchanged what HandOver() returned.", nameof(options));
        Open();
        return new ProgressJob(_outbox.Add(documentId, plan, options));
    }

    public async Task TrackAsync(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        await TrackAsync(
            documentId, plan,
            async (job, token) =>
            {
                await work(job, token).ConfigureAwait(false);
                return true;
            },
            options, cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> TrackAsync<T>(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task<T>> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var job = Start(documentId, plan, options);
        try
        {
            var result = await work(job, cancellationToken).ConfigureAwait(false);
            job.Complete();
            return result;
        }
        catch (Exception exception)
        {
            // The caller's cancellation is not an error, unless it is the host that stops: then the work will run again.
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested && !IsHostStopping)
                job.Cancel();
            else
                job.EndWith(exception);
            throw;
        }
    }

    /// <summary>Jobs that still run are marked for another attempt, and everything is sent, within the time limit.</summary>
    public async Task DrainAsync()
    {
        if (!_pump.IsValueCreated || _isDisposed)
            return;
        _outbox.InterruptJobs();
        // The container's disposal follows the host's stop; the limit is for both.
        if (_hasGivenUp)
            return;
        if (_options.ShutdownFlush > TimeSpan.Zero && await FlushAsync(_options.ShutdownFlush, CancellationToken.None).ConfigureAwait(false))
            return;
        _hasGivenUp = true;
        foreach (var entry in _outbox.Entries.Where(static entry => entry.IsUnsent))
            Log.UpdateNotSent(_logger, entry.Subject, _options.ShutdownFlush.TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        await DrainAsync().ConfigureAwait(false);
        await KillAsync().ConfigureAwait(false);
    }

    /// <summary>Stops without a word: nothing more is sent or renewed.</summary>
    public async ValueTask KillAsync()
    {
        _isDisposed = true;
        if (_pump.IsValueCreated)
            await _pump.Value.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>For containers that are disposed synchronously. It may wait for <see cref="ProgressOptions.ShutdownFlush"/>.</summary>
    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private bool IsHostStopping => _lifetime?.ApplicationStopping.IsCancellationRequested == true;

    private void Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _ = _pump.Value;
    }

    private static void CheckBatch(string? batchId, double weight, string parameterName)
    {
        if (batchId is not null)
            DocumentIds.ThrowIfInvalid(batchId, parameterName, "batch id");
        if (BatchMember.WeightProblem(weight) is { } problem)
            throw new ArgumentOutOfRangeException(parameterName, weight, problem);
    }

    private static void Check(ProgressUpdate update)
    {
        DocumentIds.ThrowIfInvalid(update.DocumentId, nameof(update));
        CheckBatch(update.BatchId, update.BatchWeight, nameof(update));
        if (!(update.Percent is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(update), update.Percent, $"The percentage of document '{update.DocumentId}' must be a number from 0 to 100. Clamp or correct it before publishing.");
        if (!Enum.IsDefined(update.Status))
            throw new ArgumentOutOfRangeException(nameof(update), update.Status, $"The status of document '{update.DocumentId}' is not one of ProgressStatus.");
        ArgumentNullException.ThrowIfNull(update.Step, nameof(update));
        ArgumentNullException.ThrowIfNull(update.Message, nameof(update));
    }
}
