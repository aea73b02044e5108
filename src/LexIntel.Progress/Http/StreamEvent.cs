using System.Net.ServerSentEvents;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>One event of a stream.</summary>
/// <param name="IsSignOfLife">Whether it shows that the host serves this stream: neither junk, nor a farewell.</param>
/// <param name="State">The state it brings, if it brings one.</param>
internal readonly record struct StreamEvent(bool IsSignOfLife, StateFields? State)
{
    /// <param name="name">The event's name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="documentId">The document whose stream it is.</param>
    /// <param name="time">The clock.</param>
    public static StreamEvent Read(string name, ReadOnlySpan<byte> data, string documentId, TimeProvider time) => name switch
    {
        SseParser.EventTypeDefault when StateBytes.TryRead(data, documentId, time, out var fields) => new(true, fields),
        SseParser.EventTypeDefault => new(StateBytes.IsConnected(data), null),
        "heartbeat" or "stalled" or "resumed" or "degraded" or "recovered" => new(true, null),
        // A refusal in mid-stream ends the stream, and the next request hears its status; it may carry a fresh token.
        _ => default,
    };
}
