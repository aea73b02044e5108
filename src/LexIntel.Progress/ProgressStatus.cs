namespace LexIntel.Progress;

/// <summary>Where a document stands. On the wire: the same words in lower case.</summary>
public enum ProgressStatus
{
    /// <summary>Known, but no worker has begun.</summary>
    Pending,

    /// <summary>A worker is on it, or the next job of the same attempt is queued.</summary>
    Processing,

    /// <summary>The attempt failed or was interrupted; another attempt will follow.</summary>
    Retrying,

    /// <summary>Done. Terminal.</summary>
    Completed,

    /// <summary>Given up. Terminal.</summary>
    Failed,

    /// <summary>Stopped on request. Terminal.</summary>
    Cancelled,
}

/// <summary>Questions about a <see cref="ProgressStatus"/>.</summary>
public static class ProgressStatusExtensions
{
    extension(ProgressStatus status)
    {
        /// <summary>
        /// <see langword="true"/> for <see cref="ProgressStatus.Completed"/>, <see cref="ProgressStatus.Failed"/> and
        /// <see cref="ProgressStatus.Cancelled"/>: nothing follows in this attempt, and streams end.
        /// </summary>
        public bool IsTerminal => status >= ProgressStatus.Completed;
    }
}
