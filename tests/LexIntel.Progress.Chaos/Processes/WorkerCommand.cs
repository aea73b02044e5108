namespace LexIntel.Progress.Chaos.Processes;

internal enum WorkerVerb
{
    /// <summary>Track a job.</summary>
    Start,

    /// <summary>Publish a plain update.</summary>
    Publish,

    /// <summary>Describe every job.</summary>
    Describe,
}

/// <summary>One line to a worker's standard input, as JSON.</summary>
internal sealed record WorkerCommand(WorkerVerb Verb)
{
    public string Document { get; init; } = "";

    public int Job { get; init; }

    /// <summary>Decides the job's pauses and fractions.</summary>
    public int Seed { get; init; }

    public int FirstStep { get; init; }

    public int Steps { get; init; }

    public int Milliseconds { get; init; }

    /// <summary>How it ends: <c>complete</c>, <c>fail</c>, <c>retry</c>, <c>cancel</c>, <c>handover</c>, or <c>never</c>: it stays, alive and quiet.</summary>
    public string End { get; init; } = "";

    /// <summary>The text of the attempt to go on with.</summary>
    public string? Continue { get; init; }

    /// <summary>Long messages, often: a flood.</summary>
    public bool IsFlood { get; init; }

    public ProgressStatus Status { get; init; }

    public double Percent { get; init; }

    public bool NewAttempt { get; init; }
}
