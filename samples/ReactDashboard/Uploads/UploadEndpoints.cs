using LexIntel.Progress;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ReactDashboard.Work;

namespace ReactDashboard.Uploads;

/// <summary>
/// A batch is announced with all its documents, so that it is exact from its first moment; then each file is sent, and sent again if need be.
/// What becomes of a document, also that it was refused, is its progress.
/// </summary>
internal static class UploadEndpoints
{
    private const int MostDocuments = 500;
    private const int LongestName = 255;

    public static void MapUploads(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/batches", (BatchList batches) => batches.Read());
        endpoints.MapPost("/batches", CreateAsync);
        endpoints.MapPut("/documents/{id}", ReceiveAsync);
        endpoints.MapDelete("/documents/{id}", CancelAsync);
    }

    private static async Task<IResult> CreateAsync(NewBatch request, BatchList batches, IProgressPublisher publisher, IOptions<DashboardOptions> options, TimeProvider time)
    {
        if (request.Documents is not { Count: > 0 and <= MostDocuments } documents)
            return Refuse($"A batch has 1 to {MostDocuments} documents. Choose fewer at once.");
        if (documents.Any(document => document.Name is not { Length: > 0 and <= LongestName } || document.Size < 0))
            return Refuse($"A document needs a name of 1 to {LongestName} characters.");

        var id = Guid.NewGuid().ToString();
        var batch = new Batch(id, time.GetUtcNow(), [.. documents.Select(document => new Document(id, document.Name, document.Size, document.Size <= options.Value.MaxBytes))]);
        batches.Add(batch);
        await publisher.DeclareBatchAsync(new(id, documents.Count));
        foreach (var document in batch.Documents.Where(document => !document.IsAccepted))
            await RefuseAsync(document, publisher, options.Value);
        return TypedResults.Created("/batches", batch);
    }

    private static async Task<IResult> ReceiveAsync(
        string id, HttpRequest request, BatchList batches, WorkQueue queue, IProgressPublisher publisher, IOptions<DashboardOptions> options, CancellationToken cancellationToken)
    {
        if (batches.Find(id) is not { } document)
            return Unknown();
        var file = TemporaryFile.Create();
        try
        {
            if (!await TemporaryFile.FillAsync(file, request.Body, options.Value.MaxBytes, cancellationToken))
            {
                if (document.TryTake())
                    await RefuseAsync(document, publisher, options.Value);
                return TypedResults.NoContent();
            }

            if (document.TryTake())
            {
                await queue.AddAsync(new(document, file), cancellationToken);
                file = null;
            }

            return TypedResults.NoContent();
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync();
        }
    }

    private static async Task<IResult> CancelAsync(string id, BatchList batches, IProgressPublisher publisher)
    {
        if (batches.Find(id) is not { } document)
            return Unknown();
        document.Cancel();
        // Whoever works on it says how it ended; what nobody works on ends here.
        if (document.TryTake())
            await publisher.PublishAsync(new(id, "upload", 0) { Status = ProgressStatus.Cancelled, BatchId = document.BatchId });
        return TypedResults.NoContent();
    }

    private static ValueTask RefuseAsync(Document document, IProgressPublisher publisher, DashboardOptions options) =>
        publisher.PublishAsync(new(document.Id, "upload", 0)
        {
            Status = ProgressStatus.Failed,
            ErrorMessage = $"The file is too large. At most {options.MaxBytes / 1e6:0.#} MB are accepted.",
            BatchId = document.BatchId,
        });

    private static ProblemHttpResult Unknown() => TypedResults.Problem("The server does not know this document any more. Upload it again.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult Refuse(string reason) => TypedResults.Problem(reason, statusCode: StatusCodes.Status400BadRequest);
}
