namespace LexIntel.Progress.Chaos.Histories;

/// <summary>What is known of a job, or of a life of plain updates, apart from what readers saw.</summary>
internal sealed record JobFacts(int Job, string Document, string Worker, double StartedAt)
{
    /// <summary>Whether it went on with the attempt of another job.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>A late delivery of a hand-over whose attempt is over: it must be superseded at once.</summary>
    public bool IsStale { get; init; }

    /// <summary>Plain updates, not a tracked job.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The way it ended: the status on the wire, or <c>handover</c>; empty while it runs.</summary>
    public string End { get; set; } = "";

    public double EndedAt { get; set; } = double.PositiveInfinity;

    public double SupersededAt { get; set; } = double.PositiveInfinity;

    /// <summary>The job as its worker described it when all was over; <see langword="null"/> if the worker was gone.</summary>
    public JobAtEnd? AtEnd { get; set; }
}

/// <param name="Percent">The job's own percentage.</param>
/// <param name="Step">The step it started last.</param>
internal sealed record JobAtEnd(double Percent, string Step);
