using DocumentPipeline.Storage;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Processing;

/// <summary>Takes jobs from the queue and runs them, a few at once, until the host stops.</summary>
internal sealed class PipelineWorker(
    JobQueue queue, JobRunner runner, JobBell bell, IOptions<PipelineOptions> options, TimeProvider time, ILogger<PipelineWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Parallelism).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        var owner = Guid.NewGuid().ToString();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await queue.ClaimAsync(owner, stopping) is { } job)
                    await runner.RunAsync(job, stopping);
                else
                    await bell.WaitAsync(options.Value.PollInterval, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // One job, or a database that is busy for long, must not end the worker.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                PipelineLog.WorkerFailed(logger, exception);
                await Task.Delay(PauseAfterError, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
