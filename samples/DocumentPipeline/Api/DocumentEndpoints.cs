using DocumentPipeline.Intake;
using LexIntel.Progress;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Api;

/// <summary>Maps uploads and the list of documents. Their progress is mapped by <c>MapProgressStream()</c>.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this IEndpointRouteBuilder endpoints)
    {
        var documents = endpoints.MapGroup("/documents");
        documents.MapGet("/", ListAsync);
        documents.MapGet("/limits", (IOptions<PipelineOptions> options) => new UploadLimits(options.Value.MaxUploadBytes));
        // Antiforgery protects what a user's cookie allows. This sample has no users and no cookies: whoever could make a browser send a
        // form could as well send it himself. With sign-in, remove this and send the token along.
        documents.MapPost("/", UploadAsync).DisableAntiforgery();
    }

    private static async Task<IResult> ListAsync(Storage.PipelineDbContext context, IProgressSubscriber subscriber, HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await new DocumentList(context, subscriber).ReadAsync(cancellationToken));
    }

    private static async Task<IResult> UploadAsync(HttpRequest request, DocumentIntake intake, IOptions<PipelineOptions> options)
    {
        var (document, refusal) = await new UploadForm(intake, options.Value.MaxUploadBytes).ReceiveAsync(request);
        return document is null
            ? TypedResults.Problem(refusal!.Reason, statusCode: refusal.StatusCode)
            : TypedResults.Created($"/progress/documents/{document.Id}/status", new CreatedDocument(document.Id));
    }
}
