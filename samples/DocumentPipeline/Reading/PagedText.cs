using DocumentPipeline.Intake;

namespace DocumentPipeline.Reading;

/// <summary>Opens documents.</summary>
internal static class PagedText
{
    /// <exception cref="UnreadableDocumentException">It is damaged, protected or too large.</exception>
    public static IPagedText Open(string path, DocumentKind kind, PipelineOptions limits) => kind switch
    {
        DocumentKind.Pdf => PdfPages.Open(path, limits),
        DocumentKind.Docx => new TextPages(WordParagraphs.Read(path, limits), limits.MaxPages),
        _ => new TextPages(PlainText.ReadParagraphs(path), limits.MaxPages),
    };
}
