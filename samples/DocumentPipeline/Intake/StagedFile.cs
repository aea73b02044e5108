using System.Buffers;

namespace DocumentPipeline.Intake;

/// <summary>A file on its way in: written beside the others and counted, not yet a document. Gone when disposed, unless it was kept.</summary>
internal sealed class StagedFile : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly string _path;
    private bool _isKept;

    private StagedFile(string path) => _path = path;

    public long Length { get; private set; }

    /// <summary>The first bytes, at most <see cref="FileSignature.Length"/>.</summary>
    public ReadOnlyMemory<byte> Start { get; private set; }

    /// <summary>Copies the content. <see langword="null"/> when there is more of it than the limit.</summary>
    public static async Task<StagedFile?> WriteAsync(Stream content, string path, long limit, CancellationToken cancellationToken)
    {
        var staged = new StagedFile(path);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            var start = new byte[FileSignature.Length];
            // Lengths are counted, not believed: nothing the sender says about them is needed.
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                if (staged.Length < start.Length)
                    buffer.AsSpan(0, (int)Math.Min(count, start.Length - staged.Length)).CopyTo(start.AsSpan((int)staged.Length));
                staged.Length += count;
                if (staged.Length > limit)
                {
                    staged.Dispose();
                    return null;
                }

                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }

            staged.Start = start.AsMemory(0, (int)Math.Min(staged.Length, start.Length));
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Gives the file its final name.</summary>
    public void MoveTo(string path)
    {
        File.Move(_path, path);
        _isKept = true;
    }

    public void Dispose()
    {
        if (!_isKept)
            File.Delete(_path);
    }
}
