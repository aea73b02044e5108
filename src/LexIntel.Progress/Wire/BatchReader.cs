using System.Text.Json;
using System.Text.Unicode;

namespace LexIntel.Progress.Wire;

/// <summary>Reads the aggregate of a batch. Only the store makes them, and hosts from their databases, so whatever these would not write is dropped; fields we do not know are passed over.</summary>
internal static class BatchReader
{
    /// <summary>Reads a message from a batch's channel, or the stored aggregate.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="batchId">The batch whose channel or key it came from.</param>
    /// <param name="now">Tells which attempts lie in the future.</param>
    /// <param name="fields">The aggregate.</param>
    /// <returns>Why it must be dropped, or <see cref="StateRejection.None"/>.</returns>
    public static StateRejection Read(ReadOnlySpan<byte> utf8, string batchId, DateTimeOffset now, out StateFields fields)
    {
        // The list of steps is empty, not unknown: an aggregate is never a short form of something longer.
        fields = new() { DocumentId = batchId, Status = ProgressStatus.Processing, Step = "", Message = "", Timestamp = now, Steps = [] };
        if (!Utf8.IsValid(utf8))
            return StateRejection.NotUtf8;
        try
        {
            return ReadObject(utf8, ref fields, now);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return StateRejection.NotJson;
        }
    }

    private static StateRejection ReadObject(ReadOnlySpan<byte> utf8, ref StateFields fields, DateTimeOffset now)
    {
        var json = new Utf8JsonReader(utf8);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return StateRejection.NotAnObject;

        Span<int> counts = [-1, -1, -1, -1, -1, -1];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = IndexOf(ref json);
            json.Read();
            if (field is >= 0 and < 6)
            {
                if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out counts[field]) || counts[field] < 0)
                    return StateRejection.NotABatch;
            }
            else if (!TryReadOther(field, ref json, ref fields, now, out var rejection))
            {
                return rejection;
            }

            json.Skip();
        }

        if (json.TokenType != JsonTokenType.EndObject || json.Read())
            return StateRejection.NotJson;
        if (counts.Contains(-1))
            return StateRejection.NotABatch;
        fields.Counts = new(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
        return StateRejection.None;
    }

    private static bool TryReadOther(int field, ref Utf8JsonReader json, ref StateFields fields, DateTimeOffset now, out StateRejection rejection)
    {
        rejection = StateRejection.None;
        switch (field)
        {
            case 6:
                if (!StateReader.TryReadRevision(ref json, now, out var revision))
                    rejection = StateRejection.ForgedRevision;
                fields.Revision = revision;
                break;
            case 7:
                if (json.TokenType != JsonTokenType.String || !json.ValueTextEquals(fields.DocumentId))
                    rejection = StateRejection.OtherDocument;
                break;
            case 8:
                if (json.TokenType != JsonTokenType.String || !StateReader.TryReadStatus(ref json, out fields.Status))
                    rejection = StateRejection.NotABatch;
                break;
            case 9:
                if (json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var percent))
                    fields.Percent = Math.Clamp(percent, 0, 100);
                break;
            case 10:
                fields.Timestamp = StateReader.ReadTime(ref json) ?? now;
                break;
            case 11:
                fields.Remaining = StateReader.ReadSeconds(ref json);
                break;
        }

        return rejection == StateRejection.None;
    }

    private static int IndexOf(ref Utf8JsonReader json)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (json.ValueTextEquals(Fields[i]))
                return i;
        }

        return -1;
    }

    private static readonly byte[][] Fields =
    [
        "total"u8.ToArray(), "pending"u8.ToArray(), "processing"u8.ToArray(), "completed"u8.ToArray(), "failed"u8.ToArray(), "cancelled"u8.ToArray(),
        "revision"u8.ToArray(), "batch_id"u8.ToArray(), "status"u8.ToArray(), "progress"u8.ToArray(), "timestamp"u8.ToArray(), "remaining_seconds"u8.ToArray(),
    ];
}
