namespace LexIntel.Progress.Chaos.Histories;

/// <summary>Everything that was recorded in an experiment. The rules look at nothing else.</summary>
internal sealed class History
{
    public Limits Limits { get; init; } = Limits.Default;

    public List<ReaderLog> Readers { get; init; } = [];

    public Dictionary<int, JobFacts> Jobs { get; init; } = [];

    public List<Disturbance> Disturbances { get; init; } = [];

    /// <summary>When a worker process was late itself, by a little: the machine is shared and busy. That excuses slow calls, and nothing else.</summary>
    public List<Disturbance> Hitches { get; init; } = [];

    /// <summary>What the store held of each document when all was quiet; no entry: nothing.</summary>
    public Dictionary<string, SeenState> Stored { get; init; } = [];

    /// <summary>When the store was read, after everything had settled.</summary>
    public double EndedAt { get; set; }

    /// <summary>Calls of workers that took long: the worker, when and how long.</summary>
    public List<SlowCall> SlowCalls { get; init; } = [];

    /// <summary>What a worker's calls threw.</summary>
    public List<string> Thrown { get; init; } = [];

    public CallTimes Calls { get; init; } = new();

    public IEnumerable<IGrouping<string, ReaderLog>> Documents => Readers.GroupBy(reader => reader.Document, StringComparer.Ordinal);

    /// <summary>Whether nothing had disturbed the backplane, and the machine had run, in a time and shortly before.</summary>
    public bool IsHealthy(double from, double to) =>
        !Disturbances.Any(disturbance => disturbance.Worker is null && disturbance.Overlaps(from - Limits.Recovery, to));

    /// <summary>Whether the store may lack, at a time, what it had accepted before: data was lost and not every job had the time to notice.</summary>
    public bool MayHaveForgotten(double at) => Disturbances.Any(disturbance =>
        disturbance.LosesData && disturbance.From - Limits.Slack <= at && at <= disturbance.To + (Limits.Lease / 3) + Limits.Recovery + Limits.Slack);

    /// <summary>Whether a worker could not run in a time.</summary>
    public bool WasHeldUp(string worker, double from, double to) =>
        Disturbances.Any(disturbance => (disturbance.Worker == worker || disturbance.Kind == "machine") && disturbance.Overlaps(from, to));

    public double? KilledAt(string worker) =>
        Disturbances.FirstOrDefault(disturbance => disturbance.Kind == Disturbance.Killed && disturbance.Worker == worker)?.From;
}

/// <param name="Worker">Whose call.</param>
/// <param name="At">When it returned.</param>
/// <param name="Took">How long it took, in milliseconds.</param>
/// <param name="Call">Which call.</param>
internal sealed record SlowCall(string Worker, double At, double Took, string Call);
