using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Topologies;

/// <summary>Jobs that report all the time, one for each document of a batch, and readers of each and of the batch in another process' place.</summary>
internal sealed class StreamedRun : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _over = new();
    private readonly List<ProgressJob> _jobs = [];
    private readonly List<History> _readers = [];
    private readonly List<ProgressBatchSnapshot> _batchStates = [];
    private Task _readingBatch = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;

    /// <summary>Begins, and waits until every reader has seen its job.</summary>
    public static async Task<StreamedRun> StartAsync(ProgressApp worker, ProgressApp backend, IEnumerable<string> documents)
    {
        const string Batch = "all";
        var run = new StreamedRun();
        foreach (var document in documents)
        {
            var job = worker.Publisher.Start(document, options: new() { BatchId = Batch });
            job.StartStep("extraction");
            run._jobs.Add(job);
            run._readers.Add(new(backend.Subscriber, document));
        }

        await worker.Publisher.DeclareBatchAsync(new(Batch, run._jobs.Count));
        run._readingBatch = run.ReadBatchAsync(backend.Subscriber, Batch);
        run._reporting = run.ReportAsync();
        foreach (var reader in run._readers)
            await reader.UntilAsync(state => state.Percent > 0, "a moving bar");
        return run;
    }

    /// <summary>Completes the jobs, and asserts of every reader that it saw rising revisions, a rising bar and exactly one end.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _reporting;
        foreach (var job in _jobs)
            job.Complete();
        foreach (var reader in _readers)
        {
            var states = await reader.EndAsync();
            Assert.Equal(ProgressStatus.Completed, states[^1].Status);
            Assert.Single(states, state => state.Status.IsTerminal);
            Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision && pair.First.Percent <= pair.Second.Percent, $"{pair.First} before {pair.Second}"));
        }

        await _readingBatch.WithinAsync("the end of the batch");
        Assert.True(_batchStates[^1] is { IsFinished: true } last && last.Completed == _jobs.Count, $"{_batchStates[^1]}");
        Assert.All(_batchStates.Zip(_batchStates.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision, $"{pair.First} before {pair.Second}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _over.CancelAsync();
        await _reporting;
        await _readingBatch;
        _over.Dispose();
        foreach (var reader in _readers)
            await reader.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadBatchAsync(IProgressSubscriber subscriber, string batchId)
    {
        try
        {
            await foreach (var state in subscriber.SubscribeBatchAsync(batchId, cancellationToken: _over.Token))
                _batchStates.Add(state);
        }
        catch (OperationCanceledException)
        {
            // The test is over before the batch.
        }
    }

    private async Task ReportAsync()
    {
        for (var round = 1; !_stop.IsCancellationRequested; round++)
        {
            foreach (var job in _jobs)
                job.Report(1 - (1 / (1 + (round / 100.0))));
            await Task.Delay(Pause);
        }
    }
}
