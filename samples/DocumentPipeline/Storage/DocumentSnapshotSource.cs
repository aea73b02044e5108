using LexIntel.Progress;
using Microsoft.EntityFrameworkCore;

namespace DocumentPipeline.Storage;

/// <summary>Tells LexIntel.Progress how documents stand when nobody else knows, and which documents exist at all.</summary>
internal sealed class DocumentSnapshotSource(PipelineDbContext context) : IProgressSnapshotSource
{
    public async ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken)
    {
        var documents = await context.Documents.AsNoTracking().Where(d => documentIds.Contains(d.Id)).ToListAsync(cancellationToken);
        return [.. documents.Select(Snapshot)];
    }

    public static ProgressSnapshot Snapshot(DocumentRecord document) => new()
    {
        DocumentId = document.Id,
        Status = document.Status,
        Step = document.Step,
        Percent = document.Percent,
        Message = document.Message,
        ErrorMessage = document.Error,
        Timestamp = document.ChangedAt,
    };
}
