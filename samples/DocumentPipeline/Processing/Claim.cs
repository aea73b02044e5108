using DocumentPipeline.Storage;

namespace DocumentPipeline.Processing;

/// <summary>A worker's hold on a job: renewed until disposed. <see cref="Lost"/> fires when the job has been given to another worker.</summary>
internal sealed class Claim : IAsyncDisposable
{
    private const int RenewalsPerTimeout = 3;
    private readonly JobQueue _queue;
    private readonly JobRecord _job;
    private readonly PeriodicTimer _timer;
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;
    private readonly ILogger _logger;

    public Claim(JobQueue queue, JobRecord job, TimeSpan timeout, TimeProvider time, ILogger logger)
    {
        (_queue, _job, _logger) = (queue, job, logger);
        _timer = new(timeout / RenewalsPerTimeout, time);
        _renewing = RenewAsync();
    }

    public CancellationToken Lost => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _renewing;
        _queue.LetGo(_job);
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                if (await _queue.RenewAsync(_job, CancellationToken.None))
                    continue;
                await _lost.CancelAsync();
                return;
            }
#pragma warning disable CA1031 // A database that is busy for long is not the end: whether the claim is lost shows at the next renewal, or when the results are written.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                PipelineLog.RenewalFailed(_logger, _job.DocumentId, exception);
            }
        }
    }
}
