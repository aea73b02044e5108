namespace ReactDashboard.Uploads;

/// <summary>Where a document lies until it is worked on: a file that is gone when it is closed, also after a crash.</summary>
internal static class TemporaryFile
{
    private const int BufferSize = 64 * 1024;

    public static FileStream Create() =>
        new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize, FileOptions.Asynchronous | FileOptions.DeleteOnClose);

    /// <summary>False when there is more than may be; nothing more is read then.</summary>
    public static async Task<bool> FillAsync(FileStream file, Stream from, long limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (file.Length + read > limit)
                return false;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        file.Position = 0;
        return true;
    }
}
