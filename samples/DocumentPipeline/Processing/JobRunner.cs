using DocumentPipeline.Reading;
using DocumentPipeline.Storage;
using LexIntel.Progress;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Processing;

/// <summary>Runs one job under progress tracking, and writes down how it ended before readers are told.</summary>
internal sealed class JobRunner(
    IProgressPublisher publisher, JobQueue queue, DocumentLedger ledger, ExtractionJob extraction, EmbeddingJob embedding,
    IOptions<PipelineOptions> options, TimeProvider time, ILogger<JobRunner> logger)
{
    private const string GeneralError = "Something went wrong on our side, and trying again did not help.";

    public async Task RunAsync(JobRecord job, CancellationToken stopping)
    {
        var limit = options.Value;
        await using var claim = new Claim(queue, job, limit.ClaimTimeout, time, logger);
        using var clock = new CancellationTokenSource(limit.MaxProcessingTime, time);
        Verdict? verdict = null;
        var track = new TrackOptions
        {
            // A job that was taken before is a new attempt: the worker that had it may still be alive, and is fenced out by it.
            Continue = job.Tries == 1 && ProgressAttempt.TryParse(job.Attempt, null, out var attempt) ? attempt : null,
            WillRetry = _ => verdict?.IsRetried ?? true,
            DescribeError = _ => verdict?.Reason,
        };
        try
        {
            await publisher.TrackAsync(job.DocumentId, PipelinePlan.Steps, TrackedAsync, track, stopping);
        }
        catch (Exception exception) when (verdict is not null)
        {
            PipelineLog.JobEnded(logger, job.Kind, job.DocumentId, verdict.Kind, verdict.Kind == VerdictKind.Retry ? exception : null);
        }

        async Task TrackedAsync(ProgressJob progress, CancellationToken token)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, claim.Lost, clock.Token, progress.Superseded);
            try
            {
                if (job.Tries > limit.MaxTries)
                    throw new UnreadableDocumentException("The document was given up: it ended the program that was processing it several times.");
                await (job.Kind == JobKind.Extraction ? extraction.RunAsync(job, progress, stop.Token) : embedding.RunAsync(job, progress, stop.Token));
            }
            catch (Exception exception)
            {
                verdict = Judge(exception, job, isStopping: token.IsCancellationRequested, isLost: claim.Lost.IsCancellationRequested || progress.Superseded.IsCancellationRequested);
                await WriteAsync(job, verdict, progress.Percent);
                throw;
            }
        }
    }

    private Verdict Judge(Exception exception, JobRecord job, bool isStopping, bool isLost) => exception switch
    {
        UnreadableDocumentException => new(VerdictKind.Failed, exception.Message),
        ClaimLostException => new(VerdictKind.Lost, "Another worker goes on with it."),
        OperationCanceledException when isLost => new(VerdictKind.Lost, "Another worker goes on with it."),
        OperationCanceledException when isStopping => new(VerdictKind.Interrupted, "The work was interrupted and will start again."),
        OperationCanceledException => new(VerdictKind.Failed, $"Processing took longer than {Describe(options.Value.MaxProcessingTime)}, which is the limit."),
        _ when job.Tries < options.Value.MaxTries => new(VerdictKind.Retry, $"Something went wrong on our side; it is tried again ({job.Tries + 1} of {options.Value.MaxTries})."),
        _ => new(VerdictKind.Failed, GeneralError),
    };

    private static string Describe(TimeSpan time) => time.TotalMinutes >= 2 ? $"{time.TotalMinutes:0} min" : $"{time.TotalSeconds:0} s";

    private Task WriteAsync(JobRecord job, Verdict verdict, double percent) => verdict.Kind switch
    {
        VerdictKind.Failed => ledger.FailAsync(job, percent, verdict.Reason),
        VerdictKind.Retry => ledger.PutBackAsync(job, verdict.Reason, options.Value.RetryDelay, isTry: true),
        VerdictKind.Interrupted => ledger.PutBackAsync(job, verdict.Reason, TimeSpan.Zero, isTry: false),
        _ => Task.CompletedTask,
    };
}
