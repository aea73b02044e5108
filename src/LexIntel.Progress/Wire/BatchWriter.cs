using System.Buffers;
using System.Text.Json;

namespace LexIntel.Progress.Wire;

/// <summary>Writes the aggregate of a batch as JSON, one line. <c>batch.lua</c> writes the same.</summary>
internal static class BatchWriter
{
    public static void Write(IBufferWriter<byte> output, in StateFields fields)
    {
        using var json = new Utf8JsonWriter(output, StateWriter.Options);
        var counts = fields.Counts!;
        json.WriteStartObject();
        StateWriter.WriteRevision(json, fields.Revision);
        json.WriteString("batch_id"u8, fields.DocumentId);
        json.WriteString("status"u8, StatusNames.Name(fields.Status));
        json.WriteNumber("total"u8, counts.Total);
        json.WriteNumber("pending"u8, counts.Pending);
        json.WriteNumber("processing"u8, counts.Processing);
        json.WriteNumber("completed"u8, counts.Completed);
        json.WriteNumber("failed"u8, counts.Failed);
        json.WriteNumber("cancelled"u8, counts.Cancelled);
        json.WriteNumber("progress"u8, StateWriter.Shown(fields.Percent, fields.Status));
        StateWriter.WriteTime(json, "timestamp"u8, fields.Timestamp);
        if (fields.Remaining is { } remaining)
            json.WriteNumber("remaining_seconds"u8, Math.Ceiling(remaining.TotalSeconds));
        json.WriteEndObject();
    }

    /// <summary>An id as a JSON string, quotes included.</summary>
    public static string Quote(string id) => $"\"{StateWriter.Options.Encoder!.Encode(id)}\"";
}
