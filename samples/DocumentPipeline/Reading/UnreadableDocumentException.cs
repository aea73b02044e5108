namespace DocumentPipeline.Reading;

/// <summary>The document cannot be processed, now or later. The message is written for the person who sent it.</summary>
internal sealed class UnreadableDocumentException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static UnreadableDocumentException TooManyPages(int limit) =>
        new($"The document has more than {limit} pages, which is the limit. Split it and send the parts.");

    public static UnreadableDocumentException TooLargeUnpacked(long limit) =>
        new($"Unpacked, the document is larger than {Intake.FileSizes.Describe(limit)}, which is the limit.");
}
