using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReactDashboard.Uploads;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<Batch>))]
[JsonSerializable(typeof(NewBatch))]
internal sealed partial class UploadsJson : JsonSerializerContext;
