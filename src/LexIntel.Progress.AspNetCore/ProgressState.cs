using System.ComponentModel;
using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>A state as it travels, for descriptions of the API; states themselves are written field by field.</summary>
internal sealed record ProgressState
{
    [JsonPropertyName("revision"), Description("attempt-number: of two states of a document the one with the higher revision is newer. Absent on states from the host's database.")]
    public string? Revision { get; init; }

    [JsonPropertyName("run"), Description("Which attempt a person would call it; from the second on.")]
    public int? Run { get; init; }

    [JsonPropertyName("status"), Description("pending, processing, retrying, completed, failed or cancelled; the last three are ends.")]
    public required string Status { get; init; }

    [JsonPropertyName("document_id"), Description("The document.")]
    public required string DocumentId { get; init; }

    [JsonPropertyName("step"), Description("What is being done; may be empty.")]
    public required string Step { get; init; }

    [JsonPropertyName("progress"), Description("Percent from 0 to 100; at most 99.9 before the end.")]
    public required double Progress { get; init; }

    [JsonPropertyName("message"), Description("Text for a person; may be empty.")]
    public required string Message { get; init; }

    [JsonPropertyName("timestamp"), Description("When it was reported, UTC.")]
    public required DateTimeOffset Timestamp { get; init; }

    [JsonPropertyName("error_message"), Description("Text for a person; when failed or retrying.")]
    public string? ErrorMessage { get; init; }

    [JsonPropertyName("remaining_seconds"), Description("How long it will take still, when it can be estimated.")]
    public double? RemainingSeconds { get; init; }

    [JsonPropertyName("batch_id"), Description("The batch that the document is in.")]
    public string? BatchId { get; init; }

    [JsonPropertyName("steps"), Description("All steps so far.")]
    public IReadOnlyList<ProgressStateStep>? Steps { get; init; }

    [JsonPropertyName("stalled_since"), Description("Since when the worker gives no sign of life.")]
    public DateTimeOffset? StalledSince { get; init; }
}
