using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;

namespace DocumentPipeline.Reading;

/// <summary>The pages of a PDF.</summary>
internal sealed class PdfPages : IPagedText
{
    private readonly PdfDocument _document;
    private readonly CountingFilters _filters;
    private readonly long _limit;

    private PdfPages(PdfDocument document, CountingFilters filters, long limit) => (_document, _filters, _limit) = (document, filters, limit);

    public int PageCount => _document.NumberOfPages;

    public static PdfPages Open(string path, PipelineOptions limits)
    {
        var bytes = File.ReadAllBytes(path);
        var filters = new CountingFilters(limits.MaxUnpackedBytes);
        try
        {
            var document = PdfDocument.Open(bytes, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, FilterProvider = filters });
            if (document.NumberOfPages <= limits.MaxPages)
                return new(document, filters, limits.MaxUnpackedBytes);
            document.Dispose();
            throw UnreadableDocumentException.TooManyPages(limits.MaxPages);
        }
        catch (PdfDocumentEncryptedException exception)
        {
            throw new UnreadableDocumentException("The PDF is encrypted and needs a password. Remove the password and send it again.", exception);
        }
        catch (Exception exception) when (exception is not (UnreadableDocumentException or OutOfMemoryException))
        {
            // The library throws all kinds of exceptions for files that are not what they should be.
            throw Explain("The PDF is damaged and cannot be opened. Send an undamaged copy.", filters, limits.MaxUnpackedBytes, exception);
        }
    }

    public string ReadPage(int number)
    {
        try
        {
            var text = ContentOrderTextExtractor.GetText(_document.GetPage(number));
            // Lenient parsing goes on after a stream that could not be decoded, as if it were empty.
            return _filters.IsExceeded ? throw UnreadableDocumentException.TooLargeUnpacked(_limit) : Storable(text);
        }
        catch (Exception exception) when (exception is not (UnreadableDocumentException or OutOfMemoryException))
        {
            throw Explain($"The PDF is damaged: page {number} cannot be read. Send an undamaged copy.", _filters, _limit, exception);
        }
    }

    public void Dispose() => _document.Dispose();

    /// <summary>Fonts may map what they draw to zero or to half of a surrogate pair, which databases refuse to store.</summary>
    private static string Storable(string text)
    {
        var storable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            storable.Append(rune.Value == 0 ? " " : rune.ToString());
        return storable.ToString();
    }

    private static UnreadableDocumentException Explain(string damage, CountingFilters filters, long limit, Exception exception) =>
        filters.IsExceeded ? UnreadableDocumentException.TooLargeUnpacked(limit) : new(damage, exception);
}
