namespace DocumentPipeline.Intake;

/// <summary>Why a file is not accepted.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Reason">A sentence for the person who sent it.</param>
internal sealed record Refusal(int StatusCode, string Reason)
{
    public static Refusal NoFile { get; } = new(StatusCodes.Status400BadRequest, "There is no file in the request. Send it as multipart/form-data, in a field named 'file'.");

    public static Refusal SeveralFiles { get; } = new(StatusCodes.Status400BadRequest, "There are several files in the request. Send one request for each file.");

    public static Refusal Broken { get; } = new(StatusCodes.Status400BadRequest, "The upload is broken off or not valid multipart/form-data. Send it again.");

    public static Refusal Empty { get; } = new(StatusCodes.Status400BadRequest, "The file is empty.");

    public static Refusal TooLarge(long limit) => new(StatusCodes.Status413PayloadTooLarge, $"The file is too large. At most {FileSizes.Describe(limit)} are accepted.");

    public static Refusal WrongType(string reason) => new(StatusCodes.Status415UnsupportedMediaType, reason);
}
