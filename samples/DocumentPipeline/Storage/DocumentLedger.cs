using LexIntel.Progress;
using Microsoft.EntityFrameworkCore;

namespace DocumentPipeline.Storage;

/// <summary>
/// Writes how documents stand. What a worker writes and what becomes of its job is one transaction, and only the worker that has the job
/// can do it: so a worker that was slow, and lost its claim, changes nothing.
/// </summary>
internal sealed class DocumentLedger(IDbContextFactory<PipelineDbContext> contexts, JobBell bell, TimeProvider time)
{
    /// <summary>Adds a document and its first job.</summary>
    public async Task AddAsync(DocumentRecord document, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        document.ChangedAt = document.CreatedAt;
        context.Documents.Add(document);
        context.Jobs.Add(new() { DocumentId = document.Id, Kind = JobKind.Extraction });
        await context.SaveChangesAsync(cancellationToken);
        bell.Ring();
    }

    /// <summary>A worker begins.</summary>
    public Task<DocumentRecord> StartAsync(JobRecord job, string step) => WriteAsync(job, ending: false, (_, document) =>
    {
        (document.Status, document.Step, document.Message, document.Error) = (ProgressStatus.Processing, step, "", null);
        document.StartedAt ??= time.GetUtcNow();
    });

    /// <summary>The text is read and cut: stores it, and queues the job that goes on with the attempt.</summary>
    public async Task HandOverAsync(JobRecord job, IReadOnlyList<ChunkRecord> chunks, int pages, ProgressAttempt attempt)
    {
        await WriteAsync(job, ending: true, (context, document) =>
        {
            // Passages of an earlier attempt were removed by the same transaction; see WriteAsync.
            context.Chunks.AddRange(chunks);
            context.Jobs.Add(new() { DocumentId = job.DocumentId, Kind = JobKind.Embedding, Attempt = attempt.ToString() });
            (document.Pages, document.Chunks, document.Percent) = (pages, chunks.Count, attempt.Percent);
        });
        bell.Ring();
    }

    public Task CompleteAsync(JobRecord job, string message) => WriteAsync(job, ending: true, (_, document) =>
    {
        (document.Status, document.Percent, document.Message, document.FinishedAt) = (ProgressStatus.Completed, 100, message, time.GetUtcNow());
    });

    public Task FailAsync(JobRecord job, double percent, string error) => WriteAsync(job, ending: true, (_, document) =>
    {
        (document.Status, document.Percent, document.Error, document.FinishedAt) = (ProgressStatus.Failed, percent, error, time.GetUtcNow());
    });

    /// <summary>Puts the job back; whoever takes it next begins a new attempt.</summary>
    /// <param name="job">The job.</param>
    /// <param name="reason">What users read until then.</param>
    /// <param name="delay">How long it waits at least.</param>
    /// <param name="isTry">Whether this try counts; one that the host ended does not.</param>
    public Task PutBackAsync(JobRecord job, string reason, TimeSpan delay, bool isTry) => WriteAsync(job, ending: false, (context, document) =>
    {
        (document.Status, document.Error) = (ProgressStatus.Retrying, reason);
        var kept = context.Jobs.Local.Single();
        (kept.Owner, kept.ClaimedAt, kept.Attempt, kept.NotBefore) = (null, null, null, time.GetUtcNow() + delay);
        kept.Tries -= isTry ? 0 : 1;
    });

    private async Task<DocumentRecord> WriteAsync(JobRecord job, bool ending, Action<PipelineDbContext, DocumentRecord> change)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        var own = context.Jobs.Where(j => j.Id == job.Id && j.Owner == job.Owner);
        // A write first, which locks the row (PostgreSQL) or the database (SQLite): what is read here stays true until the commit.
        if (await own.ExecuteUpdateAsync(set => set.SetProperty(j => j.ClaimedAt, time.GetUtcNow())) == 0)
            throw new ClaimLostException();
        var held = await own.SingleAsync();
        var document = await context.Documents.SingleAsync(d => d.Id == job.DocumentId);
        if (ending && job.Kind == JobKind.Extraction)
            await context.Chunks.Where(c => c.DocumentId == job.DocumentId).ExecuteDeleteAsync();
        if (ending)
            context.Jobs.Remove(held);
        change(context, document);
        document.ChangedAt = time.GetUtcNow();
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
        return document;
    }
}
