using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Builds the blocks of an event stream (WHATWG HTML, 9.2.6). States are unnamed events, everything else is named, so that <c>onmessage</c> sees states only.</summary>
internal static class SseFrames
{
    // Not a comment: clients with a watchdog must see it. Not empty: an event without data is not dispatched.
    public static readonly byte[] Heartbeat = "event: heartbeat\ndata: {}\n\n"u8.ToArray();

    /// <summary>The block of a state, made once and shared by all streams.</summary>
    public static byte[] State(State state, bool full) => full
        ? state.FullFrame ??= Build(state, full: true)
        : state.ShortFrame ??= Build(state, full: false);

    /// <summary>What a stream says first when nothing is known of its document. Shaped like a state, because existing pages expect it and skip it.</summary>
    public static byte[] Connected(string documentId, DateTimeOffset now)
    {
        var output = new ArrayBufferWriter<byte>(256);
        output.Write("data: "u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "connected"u8);
            json.WriteString("document_id"u8, documentId);
            json.WriteString("step"u8, "waiting"u8);
            json.WriteNumber("progress"u8, 0);
            json.WriteString("message"u8, ""u8);
            json.WriteString("timestamp"u8, Time(now));
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Retry(TimeSpan delay) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)delay.TotalMilliseconds}\n\n"));

    /// <summary>No data: the client remembers the id and dispatches nothing.</summary>
    public static byte[] End(ProgressRevision? last) => Encoding.ASCII.GetBytes($"id: {LastEventId.End(last)}\n\n");

    public static byte[] Stalled(DateTimeOffset since) => Event("stalled", $"{{\"since\":\"{Time(since)}\"}}");

    public static byte[] Resumed() => Event("resumed", "{}");

    public static byte[] Degraded(Degradation degradation) => Event("degraded", $"{{\"since\":\"{Time(degradation.Since)}\",\"reason\":\"{degradation.Reason}\"}}");

    public static byte[] Recovered() => Event("recovered", "{}");

    public static byte[] Bye(string reason) => Event("bye", $"{{\"reason\":\"{reason}\"}}");

    private static byte[] Build(State state, bool full)
    {
        var output = new ArrayBufferWriter<byte>(512);
        if (state.Revision is { } revision)
        {
            output.Write("id: "u8);
            revision.TryFormat(output.GetSpan(ProgressRevision.MaxLength), out var written, default, null);
            output.Advance(written);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
        state.Write(output, full);
        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Event(string name, string data) => Encoding.UTF8.GetBytes($"event: {name}\ndata: {data}\n\n");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
