namespace DocumentPipeline.Intake;

/// <summary>
/// Tells what a file is by its first bytes. Name and declared type are only claims; they have to agree with the content, because a file
/// that is not what it is called is a mistake at best.
/// </summary>
internal static class FileSignature
{
    /// <summary>How many bytes are looked at.</summary>
    public const int Length = 8192;

    private const int PdfHeaderRange = 1024;
    private const string Known = "This pipeline reads PDF, DOCX and TXT files.";

    private static ReadOnlySpan<byte> Pdf => "%PDF-"u8;

    private static ReadOnlySpan<byte> Zip => "PK\u0003\u0004"u8;

    /// <summary>The container of old Office files, and of new ones that are protected by a password.</summary>
    private static ReadOnlySpan<byte> CompoundFile => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// <summary>The kind that the file's name promises and its content is.</summary>
    public static DocumentKind? Judge(string fileName, ReadOnlySpan<byte> start, out Refusal? refusal)
    {
        refusal = null;
        if (start.IsEmpty)
        {
            refusal = Refusal.Empty;
            return null;
        }

        var extension = Path.GetExtension(fileName).ToLowerInvariant();
        switch (extension)
        {
            // Readers allow some bytes before the header (ISO 32000-1, implementation note 13).
            case ".pdf" when start[..Math.Min(start.Length, PdfHeaderRange)].IndexOf(Pdf) >= 0:
                return DocumentKind.Pdf;
            case ".docx" when start.StartsWith(Zip):
                return DocumentKind.Docx;
            case ".txt" when LooksLikeText(start):
                return DocumentKind.Text;
            case ".docx" or ".doc" when start.StartsWith(CompoundFile):
                refusal = Refusal.WrongType("This is an old Word file, or a Word file with a password. Save it as DOCX without a password.");
                return null;
            case ".pdf" or ".docx" or ".txt":
                refusal = Refusal.WrongType($"The name says {extension[1..].ToUpperInvariant()}, but the content is something else. {Known}");
                return null;
            default:
                refusal = Refusal.WrongType(Known);
                return null;
        }
    }

    private static bool LooksLikeText(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(Pdf) || start.StartsWith(Zip))
            return false;
        var isUtf16 = start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        if (isUtf16)
            return true;
        foreach (var value in start)
        {
            if (value < 0x20 && value is not ((byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f'))
                return false;
        }

        return true;
    }
}
