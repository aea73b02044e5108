using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Processes;

namespace LexIntel.Progress.Chaos;

/// <summary>
/// Decides what happens to one document: jobs that end in every way, hand-overs, zombies, retries, plain updates. All choices are its
/// seed's; what it waits for is what really happens.
/// </summary>
internal sealed class Director(string document, bool isFlood, int seed, IReadOnlyList<WorkerSlot> workers, History history, JobNumbers numbers, CancellationToken stopping)
{
    private const int LongestWait = 15_000;

    private readonly Random _random = new(seed);
    private string? _staleAttempt;

    public async Task RunAsync()
    {
        try
        {
            await Task.Delay(_random.Next(3000), stopping);
            while (true)
            {
                if (_random.Next(8) == 0)
                    await PublishLifeAsync();
                else
                    await TrackLifeAsync();
                await Task.Delay(_random.Next(200, 3000), stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The time of changes is over.
        }
    }

    /// <summary>The last attempt of the document, whose end everybody must see.</summary>
    /// <param name="worker">On which worker.</param>
    /// <param name="end">How it ends, or <c>never</c>.</param>
    public async Task EndAsync(WorkerSlot worker, string end)
    {
        await Task.Delay(_random.Next(1000));
        var task = worker.StartJob(Command(worker, end, firstStep: 0, milliseconds: _random.Next(300, 1500)));
        if (end != "never")
            await Task.WhenAny(task, Task.Delay(LongestWait));
    }

    private WorkerSlot AnyWorker() => workers[_random.Next(workers.Count)];

    private async Task TrackLifeAsync()
    {
        string? attempt = null;
        var step = 0;
        while (true)
        {
            var worker = AnyWorker();
            var command = Command(worker, Pick(), step, _random.Next(500, 5000), attempt);
            step += command.Steps;
            var end = worker.StartJob(command);
            if (attempt is null && _random.Next(8) == 0)
            {
                // The queue gives the document to another worker while this one still reports.
                await Task.Delay(_random.Next(100, 3000), stopping);
                await RedeliverAsync(worker);
                step = 0;
                continue;
            }

            await Task.WhenAny(end, Task.Delay(command.Milliseconds + LongestWait, stopping));
            stopping.ThrowIfCancellationRequested();
            var text = end.IsCompleted ? await end : "silent";
            if (text.StartsWith("handover ", StringComparison.Ordinal) && step < 18)
            {
                _staleAttempt = attempt = text["handover ".Length..];
                await Task.Delay(_random.Next(1500), stopping);
            }
            else if (text == "retry")
            {
                (attempt, step) = (null, 0);
                await PauseBeforeRetryAsync();
                await RedeliverAsync(AnyWorker());
            }
            else
            {
                if (text is "killed" or "silent")
                    await Task.Delay(_random.Next(9000), stopping);
                return;
            }
        }
    }

    /// <summary>Between two attempts the host itself may say that the document is queued.</summary>
    private async Task PauseBeforeRetryAsync()
    {
        await Task.Delay(_random.Next(800), stopping);
        if (_random.Next(2) == 0)
            Publish(AnyWorker(), numbers.Next(), ProgressStatus.Pending, 0, newAttempt: false);
        await Task.Delay(_random.Next(1500), stopping);
    }

    /// <summary>Now and then a queue delivers a hand-over once more, whose attempt is over.</summary>
    private async Task RedeliverAsync(WorkerSlot worker)
    {
        if (_staleAttempt is not { } attempt || _random.Next(2) == 0)
            return;
        _staleAttempt = null;
        var next = worker.StartJob(Command(worker, Pick(), 0, _random.Next(1500, 3000)));
        await Task.Delay(_random.Next(100, 1000), stopping);
        _ = worker.StartJob(Command(worker, "complete", 18, 1000, attempt, isStale: true));
        await Task.WhenAny(next, Task.Delay(LongestWait, stopping));
    }

    private async Task PublishLifeAsync()
    {
        var worker = AnyWorker();
        var life = numbers.Next();
        var count = _random.Next(2, 6);
        for (var i = 0; i < count; i++)
        {
            Publish(worker, life, ProgressStatus.Processing, i * 100.0 / count, newAttempt: i == 0);
            await Task.Delay(_random.Next(50, 1000), stopping);
        }

        Publish(worker, life, _random.Next(3) == 0 ? ProgressStatus.Failed : ProgressStatus.Completed, 100, newAttempt: false);
    }

    private string Pick() => _random.Next(100) switch
    {
        < 35 => "complete",
        < 45 => "fail",
        < 65 => "retry",
        < 90 => "handover",
        _ => "cancel",
    };

    private WorkerCommand Command(WorkerSlot worker, string end, int firstStep, int milliseconds, string? attempt = null, bool isStale = false)
    {
        var job = numbers.Next();
        lock (history)
            history.Jobs[job] = new(job, document, worker.Name, Clock.Now) { IsContinuation = attempt is not null, IsStale = isStale };
        return new(WorkerVerb.Start)
        {
            Document = document,
            Job = job,
            Seed = _random.Next(),
            FirstStep = firstStep,
            Steps = _random.Next(1, 6),
            Milliseconds = isFlood ? milliseconds * 2 : milliseconds,
            End = end,
            Continue = attempt,
            IsFlood = isFlood,
        };
    }

    private void Publish(WorkerSlot worker, int life, ProgressStatus status, double percent, bool newAttempt)
    {
        lock (history)
            history.Jobs.TryAdd(life, new(life, document, worker.Name, Clock.Now) { IsPlain = true });
        if (worker.IsAlive)
            worker.Send(new(WorkerVerb.Publish) { Document = document, Job = life, Status = status, Percent = percent, NewAttempt = newAttempt });
    }
}
