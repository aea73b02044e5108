using Microsoft.EntityFrameworkCore;

namespace DocumentPipeline.Storage;

/// <summary>Creates the database at the first start.</summary>
internal sealed class Database(WorkingFolder folder, IDbContextFactory<PipelineDbContext> contexts, TimeProvider time)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(100);
    private const int LockTries = 100;

    public async Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        folder.Prepare();
        // Api and worker may start at the same moment, and creating tables is not atomic: one after the other.
        using var gate = await LockAsync(cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // EF Core creates databases of SQLite in WAL mode, in which readers and one writer do not wait for each other.
        await context.Database.EnsureCreatedAsync(cancellationToken);
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(folder.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < LockTries)
            {
                await Task.Delay(LockRetry, time, cancellationToken);
            }
        }
    }
}
