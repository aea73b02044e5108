using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.TestWorker;

/// <summary>Jobs that are at 45 % for ever: a third heeds the host's stop, a third does not, a third is done at once.</summary>
internal sealed class Jobs(IProgressPublisher publisher, DocumentCount count) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(Enumerable.Range(0, count.Value).Select(i => publisher.TrackAsync(
            $"doc-{i}", plan: null,
            async (job, token) =>
            {
                job.StartStep("extraction");
                job.Report(0.45);
                if (i % 3 != 2)
                    await Task.Delay(Timeout.Infinite, i % 3 == 0 ? token : CancellationToken.None);
            },
            cancellationToken: stoppingToken)));
}
