using System.Text;

namespace DocumentPipeline.Reading;

/// <summary>Reads text files, whose encoding nobody says.</summary>
internal static class PlainText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IEnumerable<string> ReadParagraphs(string path)
    {
        var text = Decode(File.ReadAllBytes(path));
        // The first bytes were text; an upload checks no more. What is found here is no mistake of encoding.
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new UnreadableDocumentException("The file contains bytes that are not text.");
        // A form feed begins a line, so that it is the first character of a paragraph.
        return text.Replace("\f", "\n\f", StringComparison.Ordinal).Split(['\n', '\r']);
    }

    /// <summary>By its mark; else UTF-8 if it is valid; else Latin-1, in which everything is valid.</summary>
    private static string Decode(byte[] bytes)
    {
        Encoding encoding;
        if (bytes is [0xFF, 0xFE, ..])
            encoding = Encoding.Unicode;
        else if (bytes is [0xFE, 0xFF, ..])
            encoding = Encoding.BigEndianUnicode;
        else
            encoding = StrictUtf8;

        try
        {
            return encoding.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
