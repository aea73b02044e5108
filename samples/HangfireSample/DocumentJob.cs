using Hangfire;
using Hangfire.Server;
using LexIntel.Progress;

namespace HangfireSample;

/// <summary>A job that fails once, as a service that it calls would make it.</summary>
public sealed class DocumentJob(IProgressPublisher publisher)
{
    private const int Retries = 3;

    private static readonly ProgressPlan Plan = new(("extraction", 3), ("embedding", 7));

    /// <summary>Runs the work of one document.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="context">Put in by Hangfire: which try this is.</param>
    /// <param name="stopping">Put in by Hangfire: the server is stopping.</param>
    [AutomaticRetry(Attempts = Retries, DelaysInSeconds = [2])]
    public Task RunAsync(string documentId, PerformContext? context, CancellationToken stopping)
    {
        var failures = context?.GetJobParameter<int>("RetryCount") ?? 0;
        var options = new TrackOptions
        {
            // What the queue will run again is shown as "retrying", and the stream stays open for it.
            WillRetry = _ => failures < Retries,
            DescribeError = exception => exception is HttpRequestException ? "The embedding service did not answer." : null,
        };
        return publisher.TrackAsync(documentId, Plan, (job, cancellationToken) => WorkAsync(job, failures, cancellationToken), options, stopping);
    }

    private static async Task WorkAsync(ProgressJob job, int failures, CancellationToken cancellationToken)
    {
        job.StartStep("extraction", "Reading the pages");
        foreach (var _ in job.Each(Enumerable.Range(1, 20)))
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);

        job.StartStep("embedding", "Computing embeddings");
        foreach (var chunk in job.Each(Enumerable.Range(1, 40)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            if (chunk == 25 && failures == 0)
                throw new HttpRequestException("503");
        }
    }
}
