using System.Buffers;
using System.Globalization;
using System.Text;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Builds the blocks of an event stream (WHATWG HTML, 9.2.6). States of documents are unnamed events, everything else is named, so that <c>onmessage</c> sees states only.</summary>
internal static class SseFrames
{
    private static readonly byte[] Heartbeat = Build(StreamEvent.Heartbeat);

    /// <summary>More than stands around the bytes of a state.</summary>
    private const int MostAround = 32 + ProgressRevision.MaxLength;

    /// <summary>Writes the block of a state, around bytes that all streams share.</summary>
    public static void WriteState(IBufferWriter<byte> output, State state, bool full)
    {
        var json = state.Json(full).Span;
        var block = output.GetSpan(MostAround + json.Length);
        var length = 0;
        if (state.Revision is { } revision)
        {
            Append(block, "id: "u8, ref length);
            revision.TryFormat(block[length..], out var written, default, null);
            length += written;
            Append(block, "\n"u8, ref length);
        }

        if (state.Subject.IsBatch)
            Append(block, "event: batch\n"u8, ref length);
        Append(block, "data: "u8, ref length);
        Append(block, json, ref length);
        Append(block, "\n\n"u8, ref length);
        output.Advance(length);
    }

    public static byte[] Event(StreamEvent streamEvent) =>
        ReferenceEquals(streamEvent.Json, StreamEvent.Heartbeat.Json) ? Heartbeat : Build(streamEvent);

    public static byte[] Retry(TimeSpan delay) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)delay.TotalMilliseconds}\n\n"));

    /// <summary>
    /// What a client has to remember, so that its return is answered 204. Browsers remember the id of a block without data as well, but others, such as all
    /// that read with npm's eventsource-parser, only that of an event.
    /// </summary>
    public static byte[] End(ProgressRevision? newest) => Encoding.ASCII.GetBytes($"id: {LastEventId.End(newest)}\nevent: end\ndata: {{}}\n\n");

    private static void Append(Span<byte> block, ReadOnlySpan<byte> part, ref int length)
    {
        part.CopyTo(block[length..]);
        length += part.Length;
    }

    private static byte[] Build(StreamEvent streamEvent)
    {
        var name = streamEvent.Name is null ? "" : $"event: {streamEvent.Name}\n";
        return [.. Encoding.ASCII.GetBytes(name), .. "data: "u8, .. streamEvent.Json, .. "\n\n"u8];
    }
}
