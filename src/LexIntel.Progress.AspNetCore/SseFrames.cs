using System.Buffers;
using System.Globalization;
using System.Text;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Builds the blocks of an event stream (WHATWG HTML, 9.2.6). States of documents are unnamed events, everything else is named, so that <c>onmessage</c> sees states only.</summary>
internal static class SseFrames
{
    private static readonly byte[] Heartbeat = Build(StreamEvent.Heartbeat);

    private static ReadOnlySpan<byte> BatchEvent => "event: batch\n"u8;

    /// <summary>The block of a state, made once and shared by all streams.</summary>
    public static byte[] State(State state, bool full) => full
        ? state.FullFrame ??= Build(state, full: true)
        : state.ShortFrame ??= Build(state, full: false);

    /// <summary>The JSON inside the block of a state.</summary>
    public static ReadOnlyMemory<byte> Json(byte[] frame, State state)
    {
        var start = "data: ".Length;
        if (state.Revision is not null)
            start += frame.AsSpan().IndexOf((byte)'\n') + 1;
        if (state.Subject.IsBatch)
            start += BatchEvent.Length;
        return frame.AsMemory(start, frame.Length - start - "\n\n".Length);
    }

    public static byte[] Event(StreamEvent streamEvent) =>
        ReferenceEquals(streamEvent.Json, StreamEvent.Heartbeat.Json) ? Heartbeat : Build(streamEvent);

    public static byte[] Retry(TimeSpan delay) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)delay.TotalMilliseconds}\n\n"));

    /// <summary>No data: the client remembers the id and dispatches nothing.</summary>
    public static byte[] End(ProgressRevision? newest) => Encoding.ASCII.GetBytes($"id: {LastEventId.End(newest)}\n\n");

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

        if (state.Subject.IsBatch)
            output.Write(BatchEvent);
        output.Write("data: "u8);
        state.Write(output, full);
        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Build(StreamEvent streamEvent)
    {
        var name = streamEvent.Name is null ? "" : $"event: {streamEvent.Name}\n";
        return [.. Encoding.ASCII.GetBytes(name), .. "data: "u8, .. streamEvent.Json, .. "\n\n"u8];
    }
}
