using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Lets generators make schemas of what the endpoints describe in hosts without reflection too.</summary>
[JsonSerializable(typeof(ProgressBatchState))]
[JsonSerializable(typeof(ProgressState))]
[JsonSerializable(typeof(WatchedDocuments))]
internal sealed partial class DescribedJson : JsonSerializerContext;
