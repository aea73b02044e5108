using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Diagnostics;

/// <summary>
/// Every log message of the core. Warning: an operator can act. Information: lifecycle. Debug: a stream. Trace: an update. Ids, never payloads.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The outbox holds {Capacity} documents and is full: the state of {Subject} was dropped. Raise OutboxCapacity, or see why the backplane does not take updates.")]
    public static partial void OutboxFull(ILogger logger, Subject subject, int capacity);

    [LoggerMessage(2, LogLevel.Warning, "The backplane does not take updates; they wait in the outbox. {Reason}")]
    public static partial void OutboxWaits(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "The backplane takes updates again; the outbox holds {Count} documents.")]
    public static partial void OutboxGoesOn(ILogger logger, int count);

    [LoggerMessage(4, LogLevel.Warning, "The store cannot take {Subject}, its update was dropped: {Reason}")]
    public static partial void UpdateImpossible(ILogger logger, Subject subject, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The last state of {Subject} was not sent within {Seconds} s before the process ended.")]
    public static partial void UpdateNotSent(ILogger logger, Subject subject, double seconds);

    [LoggerMessage(6, LogLevel.Error, "A step of the pump failed; it goes on. This is a defect, please report it.")]
    public static partial void PumpFailed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "A Redis connection ({Kind}) was restored.")]
    public static partial void ConnectionRestored(ILogger logger, string kind);

    [LoggerMessage(8, LogLevel.Warning, "A Redis connection ({Kind}) was lost: {Failure}. It is restored by itself when Redis answers again.")]
    public static partial void ConnectionLost(ILogger logger, string kind, string failure);

    [LoggerMessage(9, LogLevel.Debug, "A message on the channel of {Subject} was dropped: {Reason}.")]
    public static partial void MessageDropped(ILogger logger, Subject subject, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Streams are degraded: what they show may be old. {Reason}")]
    public static partial void Degraded(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Information, "Streams have recovered: what is published reaches them again.")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(12, LogLevel.Warning, "The snapshot source failed for {Count} documents and batches; it counts as no answer.")]
    public static partial void SourceFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(13, LogLevel.Debug, "Pub/sub did not deliver a stored state of {Subject}; its channel is subscribed again.")]
    public static partial void MessageMissed(ILogger logger, Subject subject);

    [LoggerMessage(14, LogLevel.Error, "A round of the hub failed; it goes on. This is a defect, please report it.")]
    public static partial void HubFailed(ILogger logger, Exception exception);

    [LoggerMessage(30, LogLevel.Warning, "The backplane is away while the host starts; updates wait in the outbox, and streams are degraded until it is back. {Reason}")]
    public static partial void BackplaneAwayAtStart(ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Debug, "The channel of {Subject} could not be subscribed; the next round tries again. {Reason}")]
    public static partial void NotSubscribed(ILogger logger, Subject subject, string reason);

    [LoggerMessage(15, LogLevel.Warning, "Batch {BatchId} is full: {Count} documents beyond its {Limit} are not counted. Use several batches.")]
    public static partial void BatchFull(ILogger logger, string batchId, int count, int limit);

    [LoggerMessage(16, LogLevel.Warning, "The outbox let go of {Count} stored members of batches, because it may remember {Capacity}: if the store loses its data, they are missing from their batches. Raise OutboxCapacity.")]
    public static partial void MembersForgotten(ILogger logger, int count, int capacity);

    [LoggerMessage(60, LogLevel.Debug, "The stream of {Documents} ended and is asked for again. {Reason}")]
    public static partial void StreamEnded(ILogger logger, object documents, string reason);

    [LoggerMessage(61, LogLevel.Information, "The stream of {Documents} cannot be had now; it is asked by plain GET every {Seconds} s until it can.")]
    public static partial void FellBack(ILogger logger, object documents, double seconds);

    [LoggerMessage(62, LogLevel.Information, "The stream of {Documents} is there again.")]
    public static partial void StreamsAgain(ILogger logger, object documents);
}
