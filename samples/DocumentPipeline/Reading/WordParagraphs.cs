using System.Text;
using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace DocumentPipeline.Reading;

/// <summary>Reads the paragraphs of a DOCX one after the other, without building the whole document in memory.</summary>
internal static class WordParagraphs
{
    private const string Damaged = "The DOCX is damaged, or is not a Word document. Open it in Word, save it again and send the copy.";

    public static IEnumerable<string> Read(string path, PipelineOptions limits)
    {
        ArchiveLimits.Check(path, limits);
        List<string> paragraphs = [];
        try
        {
            using var document = WordprocessingDocument.Open(path, isEditable: false, new OpenSettings { MaxCharactersInPart = limits.MaxUnpackedBytes });
            if (document.MainDocumentPart is not { } body)
                throw new UnreadableDocumentException(Damaged);
            using var reader = OpenXmlReader.Create(body);
            Read(reader, paragraphs);
        }
        catch (Exception exception) when (exception is OpenXmlPackageException or FileFormatException or InvalidDataException or XmlException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new UnreadableDocumentException(Damaged, exception);
        }

        return paragraphs;
    }

    private static void Read(OpenXmlReader reader, List<string> paragraphs)
    {
        var text = new StringBuilder();
        while (reader.Read())
        {
            if (reader.ElementType == typeof(Text) && reader.IsStartElement)
                text.Append(reader.GetText());
            else if (reader.ElementType == typeof(TabChar) && reader.IsStartElement)
                text.Append('\t');
            else if (reader.ElementType == typeof(Break) && reader.IsStartElement)
                text.Append(reader.Attributes.Any(a => a is { LocalName: "type", Value: "page" }) ? '\f' : ' ');
            else if (reader.ElementType == typeof(Paragraph) && reader.IsEndElement)
                End(text, paragraphs);
        }

        End(text, paragraphs);
    }

    private static void End(StringBuilder text, List<string> paragraphs)
    {
        // A page break in the middle of a paragraph ends it; the rest begins the next page.
        var parts = text.ToString().Split('\f');
        text.Clear();
        for (var i = 0; i < parts.Length; i++)
            paragraphs.Add(i == 0 ? parts[i] : '\f' + parts[i]);
    }
}
