namespace LexIntel.Progress.Hub;

/// <summary>
/// Answers single questions with few calls: while one call is under way the next questions gather, and travel together. So a storm of
/// readers becomes a bounded stream of full batches, one at a time.
/// </summary>
/// <param name="ask">Answers up to <paramref name="batchSize"/> questions, in their order.</param>
/// <param name="batchSize">The most questions in one call.</param>
/// <param name="limit">How long a call may take.</param>
/// <param name="time">The clock.</param>
internal sealed class Coalescer<T>(Func<IReadOnlyList<Subject>, CancellationToken, Task<T[]>> ask, int batchSize, TimeSpan limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(Subject Subject, TaskCompletionSource<T> Answer)> _questions = new();
    private bool _isAsking;

    public Task<T> AskAsync(Subject subject)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _questions.Enqueue((subject, answer));
            if (_isAsking)
                return answer.Task;
            _isAsking = true;
        }

        _ = Detached.Run(RunAsync);
        return answer.Task;
    }

    private async Task RunAsync()
    {
        var batch = new List<(Subject Subject, TaskCompletionSource<T> Answer)>(batchSize);
        while (TakeBatch(batch))
        {
            try
            {
                using var cancellation = new CancellationTokenSource(limit, time);
                var answers = await ask(batch.ConvertAll(question => question.Subject), cancellation.Token)
                    .WaitAsync(cancellation.Token).ConfigureAwait(false);
                for (var i = 0; i < batch.Count; i++)
                    batch[i].Answer.SetResult(answers[i]);
            }
#pragma warning disable CA1031 // Whoever asked gets the error.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var (_, answer) in batch)
                    answer.TrySetException(exception);
            }
        }
    }

    private bool TakeBatch(List<(Subject, TaskCompletionSource<T>)> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (batch.Count < batchSize && _questions.TryDequeue(out var question))
                batch.Add(question);
            _isAsking = batch.Count > 0;
            // A storm's questions do not keep their room.
            if (!_isAsking)
                _questions.TrimExcess(batchSize);
            return _isAsking;
        }
    }
}
