using System.Buffers;
using System.IO.Compression;

namespace DocumentPipeline.Reading;

/// <summary>
/// Unpacks a DOCX into nothing and counts, before a library unpacks it into memory. What the archive says about its sizes is not
/// believed: a bomb would lie.
/// </summary>
internal static class ArchiveLimits
{
    public static void Check(string path, PipelineOptions limits)
    {
        var left = limits.MaxUnpackedBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var archive = ZipFile.OpenRead(path);
            if (archive.Entries.Count > limits.MaxArchiveEntries)
                throw new UnreadableDocumentException($"The DOCX consists of more than {limits.MaxArchiveEntries} parts, which is the limit.");
            foreach (var entry in archive.Entries)
            {
                using var content = entry.Open();
                while (content.Read(buffer) is > 0 and var count)
                {
                    left -= count;
                    if (left < 0)
                        throw UnreadableDocumentException.TooLargeUnpacked(limits.MaxUnpackedBytes);
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            throw new UnreadableDocumentException("The DOCX is damaged and cannot be unpacked. Send an undamaged copy.", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
