using System.Text.Json;

namespace LexIntel.Progress.AspNetCore;

/// <summary>What a WebSocket client asks for in one message.</summary>
/// <param name="Watch">Documents to watch from now on, each with the newest revision the client has.</param>
/// <param name="Unwatch">Documents to watch no more.</param>
/// <param name="Ping">A number to be sent back.</param>
/// <param name="Problem">Why the message is none of these, as a sentence for the client.</param>
internal sealed record SocketCommand(Dictionary<Subject, ProgressRevision?>? Watch = null, List<string>? Unwatch = null, long? Ping = null, string? Problem = null)
{
    private const string Form = "Send {\"watch\": {\"<id>\": \"<revision or null>\", …}}, {\"unwatch\": [\"<id>\", …]} or {\"ping\": <number>}.";

    /// <summary>Reads a message. Members that are not known are left aside, so that later versions may add some.</summary>
    public static SocketCommand Parse(ReadOnlySpan<byte> message, int mostDocuments, DateTimeOffset now)
    {
        try
        {
            var json = new Utf8JsonReader(message);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return new(Problem: $"The message is not a JSON object. {Form}");
            var command = new SocketCommand();
            while (command.Problem is null && json.Read() && json.TokenType == JsonTokenType.PropertyName)
                command = command.Add(ref json, mostDocuments, now);
            // Whatever follows the object is an error too.
            if (command.Problem is null)
                _ = json.Read();
            return command is { Watch: null, Unwatch: null, Ping: null, Problem: null } ? new(Problem: $"The message holds no command. {Form}") : command;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return new(Problem: $"The message is not JSON in UTF-8, or a number is not a whole one. {Form}");
        }
    }

    private SocketCommand Add(ref Utf8JsonReader json, int mostDocuments, DateTimeOffset now)
    {
        if (json.ValueTextEquals("watch"u8))
        {
            var watch = Watch ?? [];
            return WatchList.Read(ref json, watch, mostDocuments, now) is { } problem ? new(Problem: problem) : this with { Watch = watch };
        }

        if (json.ValueTextEquals("unwatch"u8))
        {
            List<string> unwatch = [];
            if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
                return new(Problem: $"The documents to unwatch are not an array. {Form}");
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType != JsonTokenType.String)
                    return new(Problem: $"A document to unwatch is not a string. {Form}");
                unwatch.Add(json.GetString()!);
            }

            return this with { Unwatch = unwatch };
        }

        if (json.ValueTextEquals("ping"u8))
        {
            json.Read();
            return this with { Ping = json.GetInt64() };
        }

        json.Skip();
        return this;
    }
}
