using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Every log message of the endpoints; their ids go on after the core's. Ids of documents yes; addresses, headers and queries never.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Warning, "The access check failed for {Resource}. Clients are refused until it answers.")]
    public static partial void AccessCheckFailed(ILogger logger, ProgressResource resource, Exception exception);

    [LoggerMessage(102, LogLevel.Debug, "A client was refused {Resource}: {Access}.")]
    public static partial void AccessRefused(ILogger logger, ProgressResource resource, ProgressAccess access);

    [LoggerMessage(103, LogLevel.Debug, "A stream or request was refused: {Reason}.")]
    public static partial void LimitReached(ILogger logger, string reason);
}
