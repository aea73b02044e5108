using DocumentPipeline.Storage;

namespace DocumentPipeline.Processing;

/// <summary>What the pipeline logs. Ids, never names or content.</summary>
internal static partial class PipelineLog
{
    [LoggerMessage(1, LogLevel.Information, "The {Kind} job of document {DocumentId} ended: {Verdict}.")]
    public static partial void JobEnded(ILogger logger, JobKind kind, string documentId, VerdictKind verdict, Exception? exception);

    [LoggerMessage(2, LogLevel.Warning, "The claim on the job of document {DocumentId} could not be renewed. Is the working folder's disk slow, or full?")]
    public static partial void RenewalFailed(ILogger logger, string documentId, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "A worker failed outside of a document; it goes on.")]
    public static partial void WorkerFailed(ILogger logger, Exception exception);
}
