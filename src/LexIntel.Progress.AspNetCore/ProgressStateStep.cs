using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>A step of a <see cref="ProgressState"/>, for descriptions of the API.</summary>
internal sealed record ProgressStateStep
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("started")]
    public DateTimeOffset? Started { get; init; }

    [JsonPropertyName("seconds")]
    public double? Seconds { get; init; }
}
