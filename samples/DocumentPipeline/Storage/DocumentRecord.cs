using DocumentPipeline.Intake;
using LexIntel.Progress;

namespace DocumentPipeline.Storage;

/// <summary>A document and how it stands. Pages pass by too fast to be written here one by one; see the live progress for those.</summary>
internal sealed class DocumentRecord
{
    public required string Id { get; init; }

    public required string FileName { get; init; }

    public DocumentKind Kind { get; init; }

    public long Size { get; init; }

    public ProgressStatus Status { get; set; } = ProgressStatus.Pending;

    public string Step { get; set; } = "";

    public double Percent { get; set; }

    public string Message { get; set; } = "Waiting for a worker";

    /// <summary>Why it failed, or is tried again, in words for a person.</summary>
    public string? Error { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public int Pages { get; set; }

    public int Chunks { get; set; }
}
