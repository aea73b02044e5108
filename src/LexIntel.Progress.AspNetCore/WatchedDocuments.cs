using System.ComponentModel;
using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>The body of a POST to the stream of many documents, for descriptions of the API; it is read token by token.</summary>
internal sealed record WatchedDocuments
{
    [JsonPropertyName("documents"), Description("From each document's id to the newest revision that the client has of it, or null.")]
    public required IReadOnlyDictionary<string, string?> Documents { get; init; }
}
