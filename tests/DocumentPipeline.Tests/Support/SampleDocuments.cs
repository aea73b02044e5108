using System.IO.Compression;
using System.Text;

namespace DocumentPipeline.Tests.Support;

/// <summary>The documents that the sample ships, and hostile ones that nobody should ship.</summary>
internal static class SampleDocuments
{
    public const string LongPdf = "terminal-services-agreement.pdf";
    public const string Docx = "warehouse-lease.docx";
    public const string Text = "notice-of-claim.txt";
    public const string EncryptedPdf = "encrypted-settlement.pdf";
    public const string DamagedPdf = "damaged-charter-party.pdf";

    private static readonly string Folder = FindFolder();

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>A Word document of a few kilobytes that unpacks to as much as is asked for.</summary>
    public static byte[] DocxBomb(int unpackedBytes)
    {
        using var bytes = new MemoryStream(Read(Docx).Length);
        bytes.Write(Read(Docx));
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var content = archive.CreateEntry("word/media/image1.bin").Open();
            content.Write(new byte[unpackedBytes]);
        }

        return bytes.ToArray();
    }

    /// <summary>A Word document of many empty parts.</summary>
    public static byte[] DocxOfParts(int count)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Read(Docx));
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true))
        {
            for (var i = 0; i < count; i++)
                archive.CreateEntry($"word/media/{i}");
        }

        return bytes.ToArray();
    }

    /// <summary>A zip archive that is no Word document.</summary>
    public static byte[] EmptyZip()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var content = archive.CreateEntry("readme.md").Open();
            content.Write("Hello"u8);
        }

        return bytes.ToArray();
    }

    /// <summary>A PDF of one page whose content is packed spaces.</summary>
    public static byte[] PdfBomb(int unpackedBytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(Encoding.ASCII.GetBytes(new string(' ', unpackedBytes)));
        return Pdf($"<< /Length {packed.Length} /Filter /FlateDecode >>", packed.ToArray());
    }

    /// <summary>A PDF of one page with a line in a font of its own.</summary>
    /// <param name="mapping">What its characters stand for: pairs of a code and UTF-16, in hexadecimal digits between angle brackets.</param>
    /// <param name="line">The line.</param>
    public static byte[] PdfOfFont(string mapping, string line)
    {
        var text = Encoding.ASCII.GetBytes($"BT /F1 12 Tf 50 800 Td ({line}) Tj ET");
        var pairs = mapping.Split(' ').Chunk(2).Select(pair => $"{pair[0]} {pair[1]}").ToArray();
        var map = Encoding.ASCII.GetBytes(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange\n" +
            $"{pairs.Length} beginbfchar\n{string.Join('\n', pairs)}\nendbfchar endcmap CMapName currentdict /CMap defineresource pop end end");
        return Pdf(
            $"<< /Length {text.Length} >>", text, "<< /Font << /F1 5 0 R >> >>",
            pdf => pdf.Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"),
            pdf => pdf.Stream($"<< /Length {map.Length} >>", map));
    }

    /// <summary>A PDF of one empty page, as a scanner makes them.</summary>
    public static byte[] PdfWithoutText() => Pdf("<< /Length 1 >>", " "u8.ToArray());

    private static byte[] Pdf(string streamDictionary, byte[] content, string resources = "<< >>", params Action<PdfBytes>[] more)
    {
        using var pdf = new PdfBytes();
        pdf.Object("<< /Type /Catalog /Pages 2 0 R >>");
        pdf.Object("<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>");
        pdf.Object($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources {resources} >>");
        pdf.Stream(streamDictionary, content);
        foreach (var part in more)
            part(pdf);
        return pdf.End();
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var documents = Path.Combine(folder.FullName, "samples/DocumentPipeline/documents");
            if (Directory.Exists(documents))
                return documents;
        }

        throw new DirectoryNotFoundException("The tests do not lie in the repository: there is no samples/DocumentPipeline/documents above them.");
    }
}
