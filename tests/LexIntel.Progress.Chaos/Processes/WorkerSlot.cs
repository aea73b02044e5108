using System.Collections.Concurrent;
using System.Text.Json;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>One of the workers: a process, and after it was killed the next.</summary>
internal sealed class WorkerSlot(int index, Children children, string redis, History history)
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _ends = new();
    private readonly Lock _gate = new();
    private ChildProcess? _process;
    private CallTimes _calls = new();
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _described = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _generation;

    /// <summary>The process' name, a new one for each.</summary>
    public string Name => $"w{index}.{_generation}";

    public bool IsAlive { get; private set; }

    public async Task StartAsync()
    {
        _generation++;
        _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var name = Name;
        _process = children.StartWorker(name, redis, history.Limits, line => Read(name, line));
        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        IsAlive = true;
    }

    public void Kill()
    {
        IsAlive = false;
        children.End(_process!);
        foreach (var end in _ends.Values)
            end.TrySetResult("killed");
        lock (history)
            history.Calls.Add(_calls);
        _calls = new();
    }

    public void Freeze() => _process!.Freeze();

    public void Resume() => _process!.Resume();

    /// <summary>Starts a job. The result tells how it ended: what its report says, or <c>killed</c>.</summary>
    public Task<string> StartJob(WorkerCommand command)
    {
        var end = _ends.GetOrAdd(command.Job, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!IsAlive)
            end.TrySetResult("killed");
        Send(command);
        return end.Task;
    }

    public void Send(WorkerCommand command)
    {
        lock (_gate)
            _process!.WriteLine(JsonSerializer.Serialize(command));
    }

    /// <summary>Lets the process describe its jobs into the history.</summary>
    public async Task DescribeAsync()
    {
        if (!IsAlive)
            return;
        _described = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(new(WorkerVerb.Describe));
        await _described.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Read(string name, string line)
    {
        var report = JsonSerializer.Deserialize<WorkerReport>(line)!;
        lock (history)
            Record(name, report);
        switch (report.Kind)
        {
            case WorkerReportKind.Ready:
                _ready.TrySetResult();
                break;
            case WorkerReportKind.Described:
                _described.TrySetResult();
                break;
            case WorkerReportKind.Ended:
                _ends.GetOrAdd(report.Job, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(report.Text);
                break;
        }
    }

    private void Record(string name, WorkerReport report)
    {
        history.Jobs.TryGetValue(report.Job, out var job);
        switch (report.Kind)
        {
            case WorkerReportKind.Ended:
                (job!.End, job.EndedAt) = (report.Text.Split(' ')[0], report.At);
                break;
            case WorkerReportKind.Superseded:
                job!.SupersededAt = report.At;
                break;
            case WorkerReportKind.Job:
                job!.AtEnd = new(report.Value, report.Text);
                break;
            case WorkerReportKind.Threw:
                history.Thrown.Add($"{name}: {report.Text}");
                break;
            case WorkerReportKind.Slow:
                history.SlowCalls.Add(new(name, report.At, report.Value, report.Text));
                break;
            case WorkerReportKind.Hitch:
                history.Hitches.Add(new("hitch", report.At - report.Value, report.At, name));
                break;
            case WorkerReportKind.Pause:
                history.Disturbances.Add(new("pause", report.At - report.Value, report.At, name));
                break;
            case WorkerReportKind.Calls:
                _calls = CallTimes.Parse(report.Text, report.Value);
                break;
        }
    }
}
