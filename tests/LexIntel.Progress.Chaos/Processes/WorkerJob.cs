namespace LexIntel.Progress.Chaos.Processes;

/// <summary>One tracked job: goes through its steps at the pace its seed gives, whatever it learns meanwhile, as a zombie does.</summary>
internal sealed class WorkerJob(WorkerCommand command, IProgressPublisher publisher, CallTimer calls, Action<WorkerReport> report)
{
    /// <summary>The plan of every job; one attempt, handed over or not, goes through some of it.</summary>
    private static readonly ProgressPlan Plan = new([.. Enumerable.Range(0, 24).Select(i => new ProgressPlanStep($"s{i}", 1 + (i % 3)))]);

    // Three bytes each: what a reader has not read must not fit into the buffers of the two systems.
    private static readonly string Padding = new('漢', 900);

    private readonly string _author = $"j{command.Job}";
    private ProgressJob? _job;
    private string _step = "";

    public void Describe()
    {
        if (_job is { } job)
            report(new(WorkerReportKind.Job, Clock.Now, command.Job, _step, job.Percent));
    }

    public async Task RunAsync()
    {
        var random = new Random(command.Seed);
        TrackOptions options = new() { Continue = command.Continue is { } attempt ? ProgressAttempt.Parse(attempt) : null };
        var job = _job = calls.Time("Start", () => publisher.Start(command.Document, command.Continue is null ? Plan : null, options));
        job.Superseded.Register(() => report(new(WorkerReportKind.Superseded, Clock.Now, command.Job)));

        var perStep = command.Milliseconds / Math.Max(1, command.Steps);
        for (var i = 0; i < command.Steps; i++)
        {
            _step = $"s{command.FirstStep + i}";
            calls.Time("StartStep", () => job.StartStep(_step, _author));
            var until = Clock.Now + perStep;
            for (var fraction = 0.0; Clock.Now < until;)
            {
                await Task.Delay(command.IsFlood ? 20 : random.Next(100, 500));
                fraction += random.NextDouble() * 0.2;
                if (command.IsFlood)
                    calls.Time("Report", () => job.Report(fraction, $"{_author} {fraction} {Padding}"));
                else
                    calls.Time("Report", () => job.Report(fraction));
            }
        }

        End(job);
    }

    private void End(ProgressJob job)
    {
        var text = command.End;
        switch (command.End)
        {
            case "complete":
                calls.Time("Complete", () => job.Complete(_author));
                break;
            case "fail":
                calls.Time("Fail", () => job.Fail("failed as planned"));
                break;
            case "retry":
                calls.Time("Retry", () => job.Retry("will run again as planned"));
                break;
            case "cancel":
                calls.Time("Cancel", () => job.Cancel(_author));
                break;
            case "handover":
                var attempt = calls.Time("HandOver", job.HandOver);
                // As documented: nobody can go on with what a superseded job hands over.
                text = job.Superseded.IsCancellationRequested ? "superseded" : $"handover {attempt}";
                break;
            default:
                return;
        }

        report(new(WorkerReportKind.Ended, Clock.Now, command.Job, text));
    }
}
