namespace DocumentPipeline.Processing;

/// <summary>What becomes of a job that ended with an exception.</summary>
internal enum VerdictKind
{
    /// <summary>It will never work; the document has failed.</summary>
    Failed,

    /// <summary>It may work next time.</summary>
    Retry,

    /// <summary>The host is stopping; the job goes on after its next start.</summary>
    Interrupted,

    /// <summary>Another worker has it; nothing that this one says counts.</summary>
    Lost,
}

/// <summary>What becomes of a job that ended with an exception.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Reason">A sentence for the person who sent the document.</param>
internal sealed record Verdict(VerdictKind Kind, string Reason)
{
    public bool IsRetried => Kind != VerdictKind.Failed;
}
