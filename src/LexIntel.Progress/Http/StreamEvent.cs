using System.Net.ServerSentEvents;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>One event of a stream.</summary>
/// <param name="IsSignOfLife">Whether it shows that the host serves this stream: neither junk, nor a farewell.</param>
/// <param name="State">The state it brings, if it brings one.</param>
/// <param name="Denied">The document or batch that the host tells no more of, and the status that an answer would have.</param>
internal readonly record struct StreamEvent(bool IsSignOfLife, StateFields? State = null, (Subject Subject, int Status)? Denied = null)
{
    public static StreamEvent Read(string name, ReadOnlySpan<byte> data, TimeProvider time)
    {
        switch (name)
        {
            case SseParser.EventTypeDefault or "batch":
                // Whose state it is, is compared with what is watched where it is put.
                if ((name == "batch" ? StateBytes.Batch(data) : StateBytes.Document(data)) is not { } subject)
                    return default;
                return StateBytes.TryRead(data, subject, time, out var fields) ? new(true, fields) : new(StateBytes.IsConnected(data));
            case "denied":
                return (StateBytes.Document(data) ?? StateBytes.Batch(data)) is { } refused && StateBytes.Status(data) is { } status ? new(true, null, (refused, status)) : default;
            case "heartbeat" or "stalled" or "resumed" or "degraded" or "recovered":
                return new(true);
            default:
                return default;
        }
    }
}
