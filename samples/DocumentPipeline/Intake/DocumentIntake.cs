using DocumentPipeline.Storage;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Intake;

/// <summary>Lets files in, from the web and from the terminal alike: checks them, stores them and queues the first job.</summary>
internal sealed class DocumentIntake(WorkingFolder folder, DocumentLedger ledger, IOptions<PipelineOptions> options, TimeProvider time)
{
    /// <summary>Receives the content of one file; nothing is queued yet.</summary>
    /// <returns>The file, or <see langword="null"/> when it is too large.</returns>
    public Task<StagedFile?> ReceiveAsync(Stream content, CancellationToken cancellationToken) =>
        StagedFile.WriteAsync(content, folder.NewUploadPath(), options.Value.MaxUploadBytes, cancellationToken);

    /// <summary>Makes a document of a received file.</summary>
    public async Task<IntakeResult> AcceptAsync(StagedFile staged, string? fileName, CancellationToken cancellationToken)
    {
        var name = FileNames.Clean(fileName);
        if (FileSignature.Judge(name, staged.Start.Span, out var refusal) is not { } kind)
            return new(null, refusal);

        var now = time.GetUtcNow();
        var document = new DocumentRecord
        {
            Id = Guid.CreateVersion7(now).ToString(),
            FileName = name,
            Kind = kind,
            Size = staged.Length,
            CreatedAt = now,
        };
        // The file first: a job whose file is missing could only fail, a file without a job does no harm.
        staged.MoveTo(folder.FilePath(document.Id));
        await ledger.AddAsync(document, cancellationToken);
        return new(document, null);
    }
}
