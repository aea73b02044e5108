using DocumentPipeline.Intake;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DocumentPipeline.Api;

/// <summary>
/// Reads multipart/form-data with one file in the field <c>file</c>, straight from the request to where it is checked: nothing is
/// buffered in memory or on another disk, and a file that is too large is refused as soon as it is.
/// </summary>
internal sealed class UploadForm(DocumentIntake intake, long limit)
{
    private const string Field = "file";
    private const int LongestBoundary = 200;

    public async Task<IntakeResult> ReceiveAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= LongestBoundary } boundary)
        {
            return new(null, Refusal.NoFile);
        }

        // The server's own limit (30 MB) is replaced by the file's, which is counted.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        try
        {
            return await ReadAsync(new MultipartReader(boundary.ToString(), request.Body), request.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return new(null, Refusal.Broken);
        }
    }

    private async Task<IntakeResult> ReadAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        StagedFile? staged = null;
        string? name = null;
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                    || HeaderUtilities.RemoveQuotes(disposition.Name) != Field || !disposition.IsFileDisposition())
                {
                    continue;
                }

                if (staged is not null)
                    return new(null, Refusal.SeveralFiles);
                name = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).ToString();
                staged = await intake.ReceiveAsync(section.Body, cancellationToken);
                if (staged is null)
                    return new(null, Refusal.TooLarge(limit));
            }

            return staged is null ? new(null, Refusal.NoFile) : await intake.AcceptAsync(staged, name, cancellationToken);
        }
        finally
        {
            staged?.Dispose();
        }
    }
}
