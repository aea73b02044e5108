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

    /// <summary>A PDF of one empty page, as a scanner makes them.</summary>
    public static byte[] PdfWithoutText() => Pdf("<< /Length 1 >>", " "u8.ToArray());

    private static byte[] Pdf(string streamDictionary, byte[] content)
    {
        using var pdf = new MemoryStream();
        List<long> offsets = [];
        Write("%PDF-1.4\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object("<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>");
        Object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>");
        offsets.Add(pdf.Position);
        Write($"4 0 obj\n{streamDictionary}\nstream\n");
        pdf.Write(content);
        Write("\nendstream\nendobj\n");
        var start = pdf.Position;
        Write($"xref\n0 5\n0000000000 65535 f \n{string.Concat(offsets.Select(offset => $"{offset:D10} 00000 n \n"))}");
        Write($"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return pdf.ToArray();

        void Object(string text)
        {
            offsets.Add(pdf.Position);
            Write($"{offsets.Count} 0 obj\n{text}\nendobj\n");
        }

        void Write(string text) => pdf.Write(Encoding.ASCII.GetBytes(text));
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
