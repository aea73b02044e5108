using DocumentPipeline.Reading;
using DocumentPipeline.Storage;
using LexIntel.Progress;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Processing;

/// <summary>The first job of a document: reads its text page by page, cuts it into passages, and hands over to the second.</summary>
internal sealed class ExtractionJob(DocumentLedger ledger, WorkingFolder folder, Pace pace, IOptions<PipelineOptions> options)
{
    public async Task RunAsync(JobRecord job, ProgressJob progress, CancellationToken cancellationToken)
    {
        progress.StartStep(PipelinePlan.Extraction);
        var document = await ledger.StartAsync(job, PipelinePlan.Extraction);
        var pages = await ExtractAsync(document, progress, cancellationToken);
        var chunks = await ChunkAsync(document, pages, progress, cancellationToken);

        progress.SetMessage("Waiting for a worker to embed the passages");
        // The next job goes on with this attempt, in this process or another: same bar, same stream.
        await ledger.HandOverAsync(job, chunks, pages.Count, progress.HandOver());
    }

    private async Task<List<string>> ExtractAsync(DocumentRecord document, ProgressJob progress, CancellationToken cancellationToken)
    {
        progress.SetMessage($"Opening {document.FileName}");
        using var reading = new UnstoppableReading();
        var text = await reading.RunAsync(() => PagedText.Open(folder.FilePath(document.Id), document.Kind, options.Value), cancellationToken);
        reading.Text = text;

        List<string> pages = [];
        var hasText = false;
        foreach (var number in progress.Each(Enumerable.Range(1, text.PageCount)))
        {
            progress.SetMessage($"Reading page {number} of {text.PageCount}");
            var page = await reading.RunAsync(() => text.ReadPage(number), cancellationToken);
            hasText |= page.Any(char.IsLetterOrDigit);
            pages.Add(page);
            await pace.AfterPageAsync(PipelinePlan.Extraction, cancellationToken);
        }

        return hasText ? pages : throw new UnreadableDocumentException("No text was found in the document. Perhaps its pages are scanned pictures, which this pipeline cannot read.");
    }

    private async Task<List<ChunkRecord>> ChunkAsync(DocumentRecord document, List<string> pages, ProgressJob progress, CancellationToken cancellationToken)
    {
        progress.StartStep(PipelinePlan.Chunking, $"Cutting {pages.Count} pages into passages");
        List<ChunkRecord> chunks = [];
        foreach (var (index, page) in progress.Each(pages.Index(), pages.Count))
        {
            chunks.AddRange(Chunker.Cut(page).Select(text => new ChunkRecord { DocumentId = document.Id, Page = index + 1, Text = text }));
            await pace.AfterPageAsync(PipelinePlan.Chunking, cancellationToken);
        }

        return chunks;
    }
}
