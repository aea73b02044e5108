using LexIntel.Progress;

namespace Transports;

/// <summary>Work that takes as long as it is told and reports ten times a second.</summary>
internal static class SlowDocument
{
    public const int MostSeconds = 300;

    private static readonly ProgressPlan Plan = new(("extraction", 3), ("chunking", 1), ("embedding", 6));
    private static readonly TimeSpan Page = TimeSpan.FromMilliseconds(100);

    public static Task RunAsync(IProgressPublisher publisher, string documentId, TimeSpan length, CancellationToken stoppingToken) =>
        publisher.TrackAsync(documentId, Plan, async (job, cancellationToken) =>
        {
            var weight = Plan.Steps.Sum(step => step.Weight);
            foreach (var step in Plan.Steps)
            {
                job.StartStep(step.Name);
                var pages = Math.Max(1, (int)(length / Page * step.Weight / weight));
                foreach (var page in job.Each(Enumerable.Range(1, pages)))
                {
                    job.SetMessage($"{step.Name}, page {page} of {pages}");
                    await Task.Delay(Page, cancellationToken);
                }
            }
        }, cancellationToken: stoppingToken);
}
