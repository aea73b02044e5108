namespace LexIntel.Progress.Chaos.Processes;

internal enum WorkerReportKind
{
    /// <summary>It is ready for commands.</summary>
    Ready,

    /// <summary>A job ended; the text says how. For a hand-over it is followed by the attempt.</summary>
    Ended,

    /// <summary>A job learnt that it is superseded.</summary>
    Superseded,

    /// <summary>A call threw.</summary>
    Threw,

    /// <summary>A call took long: the value in milliseconds.</summary>
    Slow,

    /// <summary>The process itself did not run: the value in milliseconds.</summary>
    Pause,

    /// <summary>The process itself was late: the value in milliseconds.</summary>
    Hitch,

    /// <summary>All call times so far.</summary>
    Calls,

    /// <summary>A job as it stands.</summary>
    Job,

    /// <summary>All jobs are described.</summary>
    Described,
}

/// <summary>One line from a worker's standard output, as JSON.</summary>
internal sealed record WorkerReport(WorkerReportKind Kind, double At, int Job = 0, string Text = "", double Value = 0);
