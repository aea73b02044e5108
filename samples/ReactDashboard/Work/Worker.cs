using LexIntel.Progress;
using Microsoft.Extensions.Options;

namespace ReactDashboard.Work;

/// <summary>Works on a few documents at once, and tells how it goes.</summary>
internal sealed class Worker(WorkQueue queue, IProgressPublisher publisher, IOptions<DashboardOptions> options, TimeProvider time) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        queue.ReadAsync(stoppingToken),
        new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallelism, CancellationToken = stoppingToken },
        async (item, cancellationToken) =>
        {
            await using var file = item.File;
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(item.Document.Cancelled, cancellationToken);
            var track = new TrackOptions
            {
                BatchId = item.Document.BatchId,
                // Every document is held up for the same time here, so all weigh the same. Where large ones take longer: their pages, or bytes.
                BatchWeight = 1,
                DescribeError = exception => exception is NotTextException ? exception.Message : null,
            };
            try
            {
                await publisher.TrackAsync(item.Document.Id, WordCount.Plan, (job, token) => new WordCount(job, options.Value.PieceDelay, time).RunAsync(file, token), track, cancelled.Token);
            }
            catch (Exception exception) when (exception is NotTextException or IOException || (exception is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                // Whoever watches the document has been told.
            }
        });
}
