namespace LexIntel.Progress;

/// <summary>The newest known state of a document. Immutable; any thread may read it.</summary>
public sealed record ProgressSnapshot
{
    /// <summary>The document; an opaque id of 1-256 bytes of UTF-8.</summary>
    public required string DocumentId { get; init; }

    /// <summary>
    /// The place of this state in the document's history. <see langword="null"/> for states that nobody numbered: plain messages of
    /// publishers that do not store, and states from an <see cref="IProgressSnapshotSource"/>.
    /// </summary>
    public ProgressRevision? Revision { get; init; }

    /// <summary>Where the document stands.</summary>
    public ProgressStatus Status { get; init; }

    /// <summary>The step the work is in; empty if none.</summary>
    public string Step { get; init; } = "";

    /// <summary>How far the whole document is, 0-100. At most 99.9 until <see cref="Status"/> is terminal; a failure keeps what was measured.</summary>
    public double Percent { get; init; }

    /// <summary>What a person should read; empty if none. Text, never markup.</summary>
    public string Message { get; init; } = "";

    /// <summary>When the worker reported this; UTC, by the worker's clock.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Why it failed, for a person; <see langword="null"/> unless failed or retrying.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Which attempt a person would call it, from 1.</summary>
    public int Run { get; init; } = 1;

    /// <summary>How long it may still take; <see langword="null"/> when that cannot be estimated yet.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The batch the document belongs to; <see langword="null"/> if none.</summary>
    public string? BatchId { get; init; }

    /// <summary>The steps so far, oldest first, at most 64; empty when the worker names none.</summary>
    public IReadOnlyList<ProgressStep> Steps { get; init; } = [];

    /// <summary>
    /// Since when the worker of a running attempt has given no sign of life; <see langword="null"/> while it does. Said by
    /// <see cref="IProgressSubscriber.GetSnapshotAsync"/> only, never in a sequence: a worker's death is no state of the document.
    /// </summary>
    public DateTimeOffset? StalledSince { get; init; }

    /// <summary>Whether the attempt is over: completed, failed or cancelled.</summary>
    public bool IsTerminal => Status.IsTerminal;
}
