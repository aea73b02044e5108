using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Something a stream says that is not a stored state.</summary>
/// <param name="Name">What <c>addEventListener</c> is called with; <see langword="null"/> for what <c>onmessage</c> sees.</param>
/// <param name="Json">One JSON object, on one line.</param>
internal readonly record struct StreamEvent(string? Name, byte[] Json)
{
    /// <summary>Not a comment: clients with a watchdog must see it. Not empty: an event without data is not dispatched.</summary>
    public static readonly StreamEvent Heartbeat = new("heartbeat", "{}"u8.ToArray());

    /// <summary>The name of a batch's aggregate, which is a stored state as well.</summary>
    public const string Batch = "batch";

    public static readonly StreamEvent Recovered = new("recovered", "{}"u8.ToArray());

    /// <summary>What the stream of one document says first when nothing is known. Shaped like a state, because existing pages expect it and skip it.</summary>
    public static StreamEvent Connected(string documentId, DateTimeOffset now) => Create(null, json =>
    {
        json.WriteString("status"u8, "connected"u8);
        json.WriteString("document_id"u8, documentId);
        json.WriteString("step"u8, "waiting"u8);
        json.WriteNumber("progress"u8, 0);
        json.WriteString("message"u8, ""u8);
        json.WriteString("timestamp"u8, Time(now));
    });

    public static StreamEvent Stalled(string documentId, DateTimeOffset since) => Create("stalled", json =>
    {
        json.WriteString("document_id"u8, documentId);
        json.WriteString("since"u8, Time(since));
    });

    public static StreamEvent Resumed(string documentId) => Create("resumed", json => json.WriteString("document_id"u8, documentId));

    public static StreamEvent Degraded(Degradation degradation) => Create("degraded", json =>
    {
        json.WriteString("since"u8, Time(degradation.Since));
        json.WriteString("reason"u8, degradation.Reason);
    });

    public static StreamEvent Denied(Subject subject, int status) => Create("denied", json =>
    {
        json.WriteString(subject.IsBatch ? "batch_id"u8 : "document_id"u8, subject.Id);
        json.WriteNumber("status"u8, status);
    });

    /// <param name="reason">A word for the client.</param>
    /// <param name="retry">After how long to come back, where the transport has no field of its own for that.</param>
    public static StreamEvent Bye(string reason, TimeSpan? retry) => Create("bye", json =>
    {
        json.WriteString("reason"u8, reason);
        WriteRetry(json, retry);
    });

    /// <param name="message">What was wrong, for a developer.</param>
    /// <param name="retry">After how long the same would be done.</param>
    public static StreamEvent Error(string message, TimeSpan? retry) => Create("error", json =>
    {
        json.WriteString("message"u8, message);
        WriteRetry(json, retry);
    });

    public static StreamEvent Pong(long ping) => Create("pong", json => json.WriteNumber("ping"u8, ping));

    /// <summary>The object with its name inside, for transports that have no other place for it.</summary>
    public byte[] ToNamedJson() => Name is null ? Json : NamedJson(Name, Json);

    /// <inheritdoc cref="ToNamedJson"/>
    public static byte[] NamedJson(string name, ReadOnlySpan<byte> json) =>
        [.. Encoding.ASCII.GetBytes($"{{\"event\":\"{name}\"{(json.Length > 2 ? "," : "")}"), .. json[1..]];

    private static StreamEvent Create(string? name, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output, StateWriter.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new(name, output.WrittenSpan.ToArray());
    }

    private static void WriteRetry(Utf8JsonWriter json, TimeSpan? retry)
    {
        if (retry is { } delay)
            json.WriteNumber("retry"u8, (long)delay.TotalMilliseconds);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
