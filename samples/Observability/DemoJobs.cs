using LexIntel.Progress;

namespace Observability;

/// <summary>A few documents at a time, one after the other, each watched by a reader; one in twenty fails.</summary>
internal sealed class DemoJobs(IProgressPublisher publisher, IProgressSubscriber subscriber, IConfiguration configuration) : BackgroundService
{
    private const int Pages = 40;

    private readonly int _workers = configuration.GetValue("Demo:Workers", 4);
    private readonly TimeSpan _pause = TimeSpan.FromMilliseconds(configuration.GetValue("Demo:PageMilliseconds", 100));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(1, _workers).Select(worker => RunAsync(worker, stoppingToken)));

    private async Task RunAsync(int worker, CancellationToken stoppingToken)
    {
        for (var number = 1; !stoppingToken.IsCancellationRequested; number++)
        {
            var documentId = $"demo-{worker}-{number}";
            var watching = WatchAsync(documentId, stoppingToken);
            try
            {
                await publisher.TrackAsync(documentId, plan: null, (job, token) => WorkAsync(job, fails: number % 20 == worker, token), cancellationToken: stoppingToken);
            }
            catch (Exception expected) when (expected is InvalidDataException or OperationCanceledException)
            {
                // The document that fails on purpose, or the host that stops.
            }

            await watching;
        }
    }

    private async Task WorkAsync(ProgressJob job, bool fails, CancellationToken cancellationToken)
    {
        job.StartStep("extraction");
        foreach (var page in job.Each(Enumerable.Range(1, Pages)))
        {
            await Task.Delay(_pause, cancellationToken);
            if (fails && page == Pages / 2)
                throw new InvalidDataException("This one fails on purpose.");
        }
    }

    private async Task WatchAsync(string documentId, CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in subscriber.SubscribeAsync(documentId, cancellationToken: stoppingToken))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
