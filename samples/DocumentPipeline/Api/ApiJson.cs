using System.Text.Json;
using System.Text.Json.Serialization;

namespace DocumentPipeline.Api;

/// <summary>The answer to an upload.</summary>
internal sealed record CreatedDocument(string Id);

/// <summary>What the page should know before it sends something.</summary>
internal sealed record UploadLimits(long MaxUploadBytes);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<DocumentView>))]
[JsonSerializable(typeof(CreatedDocument))]
[JsonSerializable(typeof(UploadLimits))]
internal sealed partial class ApiJson : JsonSerializerContext;
