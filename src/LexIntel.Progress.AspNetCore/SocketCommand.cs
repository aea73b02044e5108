using System.Globalization;
using System.Text.Json;

namespace LexIntel.Progress.AspNetCore;

/// <summary>What a WebSocket client asks for in one message.</summary>
/// <param name="Watch">Documents and batches to watch from now on, each with the newest revision the client has.</param>
/// <param name="Unwatch">Documents and batches to watch no more.</param>
/// <param name="Ping">A number to be sent back.</param>
/// <param name="Problem">Why the message is none of these, as a sentence for the client.</param>
/// <param name="Retry">After how long it may be sent again, when it came too early.</param>
internal sealed record SocketCommand(
    Dictionary<Subject, ProgressRevision?>? Watch = null, List<Subject>? Unwatch = null, long? Ping = null, string? Problem = null, TimeSpan? Retry = null)
{
    private const string Form =
        "Send {\"watch\": {\"<id>\": \"<revision or null>\", …}}, {\"unwatch\": [\"<id>\", …]}, the same of batches as watch_batches and unwatch_batches, or {\"ping\": <number>}.";

    /// <summary>What stands for a message that came too early: nobody has read it.</summary>
    public static SocketCommand TooEarly(int mostPerSecond, TimeSpan retry) => new(Retry: retry, Problem: string.Create(
        CultureInfo.InvariantCulture, $"More than {mostPerSecond:N0} commands a second came on this socket, and this one was left aside. Send it again later; one command can name many documents."));

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
            return AddWatch(ref json, isBatch: false, mostDocuments, now);
        if (json.ValueTextEquals("watch_batches"u8))
            return AddWatch(ref json, isBatch: true, mostDocuments, now);
        if (json.ValueTextEquals("unwatch"u8))
            return AddUnwatch(ref json, isBatch: false);
        if (json.ValueTextEquals("unwatch_batches"u8))
            return AddUnwatch(ref json, isBatch: true);
        if (json.ValueTextEquals("ping"u8))
        {
            json.Read();
            return this with { Ping = json.GetInt64() };
        }

        json.Skip();
        return this;
    }

    private SocketCommand AddWatch(ref Utf8JsonReader json, bool isBatch, int most, DateTimeOffset now)
    {
        var watch = Watch ?? [];
        return WatchList.Read(ref json, watch, isBatch, most, now) is { } problem ? new(Problem: problem) : this with { Watch = watch };
    }

    private SocketCommand AddUnwatch(ref Utf8JsonReader json, bool isBatch)
    {
        var unwatch = Unwatch ?? [];
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            return new(Problem: $"What to unwatch is not an array. {Form}");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.String)
                return new(Problem: $"An id to unwatch is not a string. {Form}");
            unwatch.Add(new(json.GetString()!, isBatch));
        }

        return this with { Unwatch = unwatch };
    }
}
