using System.Text.Json.Serialization;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Lets generators make schemas of what the endpoints describe in hosts without reflection too.</summary>
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
[JsonSerializable(typeof(ProgressBatchState))]
[JsonSerializable(typeof(ProgressState))]
[JsonSerializable(typeof(WatchedDocuments))]
[JsonSerializable(typeof(double?))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class DescribedJson : JsonSerializerContext;
