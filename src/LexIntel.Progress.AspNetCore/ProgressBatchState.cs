using System.ComponentModel;
using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>The aggregate of a batch as it travels, for descriptions of the API; aggregates themselves are written field by field.</summary>
internal sealed record ProgressBatchState
{
    [JsonPropertyName("revision"), Description("attempt-number: of two aggregates of a batch the one with the higher revision is newer. Absent on those from the host's database.")]
    public string? Revision { get; init; }

    [JsonPropertyName("batch_id"), Description("The batch.")]
    public required string BatchId { get; init; }

    [JsonPropertyName("status"), Description("processing until all documents have ended, then completed; pending when nothing is known.")]
    public required string Status { get; init; }

    [JsonPropertyName("total"), Description("How many documents it has: expected or known, whichever is more. It may grow.")]
    public required int Total { get; init; }

    [JsonPropertyName("pending"), Description("Documents that nobody has begun.")]
    public required int Pending { get; init; }

    [JsonPropertyName("processing"), Description("Documents that are worked on, or will be again.")]
    public required int Processing { get; init; }

    [JsonPropertyName("completed"), Description("Documents that are done.")]
    public required int Completed { get; init; }

    [JsonPropertyName("failed"), Description("Documents that were given up.")]
    public required int Failed { get; init; }

    [JsonPropertyName("cancelled"), Description("Documents that were stopped on request.")]
    public required int Cancelled { get; init; }

    [JsonPropertyName("progress"), Description("Percent from 0 to 100, each document by its weight; at most 99.9 before the end.")]
    public required double Progress { get; init; }

    [JsonPropertyName("timestamp"), Description("When this was so, UTC.")]
    public required string Timestamp { get; init; }

    [JsonPropertyName("remaining_seconds"), Description("How long it may still take, when that can be estimated.")]
    public double? RemainingSeconds { get; init; }
}
