using DocumentPipeline.Storage;
using LexIntel.Progress;
using Microsoft.EntityFrameworkCore;

namespace DocumentPipeline.Api;

/// <summary>The documents that the page shows when it is opened, newest first, with their live progress, so that it is right from the first paint.</summary>
internal sealed class DocumentList(PipelineDbContext context, IProgressSubscriber subscriber)
{
    private const int Longest = 100;

    public async Task<IReadOnlyList<DocumentView>> ReadAsync(CancellationToken cancellationToken)
    {
        var documents = await context.Documents.AsNoTracking().OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id)
            .Take(Longest).ToListAsync(cancellationToken);
        return await Task.WhenAll(documents.Select(async document => DocumentView.Of(document, await FindLiveAsync(document, cancellationToken))));
    }

    private async Task<ProgressSnapshot?> FindLiveAsync(DocumentRecord document, CancellationToken cancellationToken)
    {
        if (document.Status.IsTerminal)
            return null;
        try
        {
            return await subscriber.GetSnapshotAsync(document.Id, cancellationToken);
        }
        catch (ProgressUnavailableException)
        {
            // Redis is away: what the database says is better than no page.
            return null;
        }
    }
}
