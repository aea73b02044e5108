using System.Text.Json;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>Reads what a host sends of documents and batches.</summary>
internal static class StateBytes
{
    /// <summary><see langword="false"/> for what is not a state of the document or batch.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, Subject subject, TimeProvider time, out StateFields fields)
    {
        // The host has compared attempts with its clock; this machine's may be wrong by years.
        var rejection = subject.IsBatch ? BatchReader.Read(json, subject.Id, StateReader.NoClock, out fields) : StateReader.Read(json, subject.Id, StateReader.NoClock, out fields);
        if (rejection != StateRejection.None || (fields.Revision is null && IsConnected(json)))
            return false;
        if (fields.Timestamp == StateReader.NoClock)
            fields.Timestamp = time.GetUtcNow();
        return true;
    }

    /// <summary>What a stream says first when nothing is known of its document; it is shaped like a state.</summary>
    public static bool IsConnected(ReadOnlySpan<byte> json) => Text(json, "status"u8) == "connected";

    /// <summary>Whose state it is, or who is refused.</summary>
    public static Subject? Document(ReadOnlySpan<byte> json) => Text(json, "document_id"u8) is { } documentId ? new Subject(documentId, IsBatch: false) : (Subject?)null;

    public static Subject? Batch(ReadOnlySpan<byte> json) => Text(json, "batch_id"u8) is { } batchId ? Subject.Batch(batchId) : (Subject?)null;

    /// <summary>Which status a refusal in mid-stream carries.</summary>
    public static int? Status(ReadOnlySpan<byte> json) =>
        Find(json, "status"u8) is { TokenType: JsonTokenType.Number } value && value.TryGetInt32(out var status) ? status : null;

    /// <summary>A text of the outermost object; <see langword="null"/> when it is missing or not a text.</summary>
    public static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        try
        {
            return Find(json, name) is { TokenType: JsonTokenType.String } value ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of an escaped surrogate pair.
            return null;
        }
    }

    private static Utf8JsonReader Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(name);
                reader.Read();
                if (isIt)
                    return reader;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Junk.
        }

        return default;
    }
}
