namespace DocumentPipeline.Storage;

/// <summary>One entry of the queue. It lies in the database, so that it survives every process, and is gone when the job is done.</summary>
internal sealed class JobRecord
{
    public long Id { get; init; }

    public required string DocumentId { get; init; }

    public JobKind Kind { get; init; }

    /// <summary>The attempt that the job before handed over, as text; <see langword="null"/> when this job begins a new one.</summary>
    public string? Attempt { get; set; }

    /// <summary>Which worker has it; <see langword="null"/> while it waits.</summary>
    public string? Owner { get; set; }

    /// <summary>When that worker took it or said last that it lives.</summary>
    public DateTimeOffset? ClaimedAt { get; set; }

    /// <summary>How often it was taken.</summary>
    public int Tries { get; set; }

    /// <summary>It waits at least until then.</summary>
    public DateTimeOffset NotBefore { get; set; }
}
