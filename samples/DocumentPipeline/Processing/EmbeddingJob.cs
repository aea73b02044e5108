using System.Globalization;
using DocumentPipeline.Storage;
using LexIntel.Progress;
using Microsoft.EntityFrameworkCore;

namespace DocumentPipeline.Processing;

/// <summary>The second job of a document: makes vectors of its passages. What an interrupted attempt has stored is not made again.</summary>
internal sealed class EmbeddingJob(DocumentLedger ledger, IDbContextFactory<PipelineDbContext> contexts, Pace pace)
{
    public async Task RunAsync(JobRecord job, ProgressJob progress, CancellationToken cancellationToken)
    {
        progress.StartStep(PipelinePlan.Embedding);
        var document = await ledger.StartAsync(job, PipelinePlan.Embedding);
        progress.SetMessage($"Embedding {Counted(document.Chunks, "passage")}");

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var done = document.Chunks - await context.Chunks.CountAsync(c => c.DocumentId == document.Id && c.Embedding == null, cancellationToken);
        var pages = await context.Chunks.Where(c => c.DocumentId == document.Id && c.Embedding == null)
            .Select(c => c.Page).Distinct().OrderBy(page => page).ToListAsync(cancellationToken);
        foreach (var page in pages)
        {
            done += await EmbedAsync(context, document.Id, page, cancellationToken);
            progress.Report(done / (double)document.Chunks, $"Embedding passage {done} of {document.Chunks}");
            await pace.AfterPageAsync(PipelinePlan.Embedding, cancellationToken);
        }

        var result = $"{Counted(document.Pages, "page")}, {Counted(document.Chunks, "passage")}";
        await ledger.CompleteAsync(job, result);
        progress.Complete(result);
    }

    private static string Counted(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static async Task<int> EmbedAsync(PipelineDbContext context, string documentId, int page, CancellationToken cancellationToken)
    {
        var chunks = await context.Chunks.Where(c => c.DocumentId == documentId && c.Page == page && c.Embedding == null).ToListAsync(cancellationToken);
        foreach (var chunk in chunks)
            chunk.Embedding = FeatureHash.Embed(chunk.Text);
        await context.SaveChangesAsync(cancellationToken);
        context.ChangeTracker.Clear();
        return chunks.Count;
    }
}
