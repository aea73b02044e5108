using System.Text.Json;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>Reads the states that a host sends.</summary>
internal static class StateBytes
{
    /// <summary>The host has compared attempts with its clock; this machine's may be wrong by years.</summary>
    private static readonly DateTimeOffset NoClock = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary><see langword="false"/> for what is not a state of the document.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, string documentId, TimeProvider time, out StateFields fields)
    {
        if (StateReader.Read(json, documentId, NoClock, out fields) != StateRejection.None || (fields.Revision is null && IsConnected(json)))
            return false;
        if (fields.Timestamp == NoClock)
            fields.Timestamp = time.GetUtcNow();
        return true;
    }

    /// <summary>What a stream says first when nothing is known of its document; it is shaped like a state.</summary>
    public static bool IsConnected(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = reader.ValueTextEquals("status"u8);
                reader.Read();
                if (isStatus)
                    return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("connected"u8);
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Junk.
        }

        return false;
    }
}
