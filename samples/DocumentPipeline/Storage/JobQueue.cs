using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Storage;

/// <summary>Hands out jobs, each to one worker at a time.</summary>
internal sealed class JobQueue(IDbContextFactory<PipelineDbContext> contexts, IOptions<PipelineOptions> options, TimeProvider time)
{
    /// <summary>
    /// What this process works on. These claims may look abandoned after the machine slept or was very busy, but they are not: the process
    /// would fight itself, and count a crash that was none.
    /// </summary>
    private readonly ConcurrentDictionary<long, JobRecord> _held = new();

    /// <summary>
    /// Takes a job that waits, or whose worker has given no sign of life: the oldest, but documents that are half done go first, so that
    /// many uploads at once do not leave all of them half done. One statement, so two workers never get the same job: SQLite has one writer
    /// at a time, PostgreSQL passes over what another worker is about to take.
    /// </summary>
    public async Task<JobRecord?> ClaimAsync(string owner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var lost = now - (long)options.Value.ClaimTimeout.TotalMilliseconds;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var held = _held.Keys.ToArray();
        // A look first: it takes no lock, while an update would, however often there is nothing to do.
        if (!await context.Jobs.AnyAsync(cancellationToken))
            return null;
        FormattableString claim = context.Database.IsNpgsql()
            ? $"""
               UPDATE jobs SET "Owner" = {owner}, "ClaimedAt" = {now}, "Tries" = "Tries" + 1
               WHERE "Id" = (SELECT "Id" FROM jobs WHERE "NotBefore" <= {now} AND ("ClaimedAt" IS NULL OR "ClaimedAt" < {lost})
                                AND "Id" <> ALL ({held})
                              ORDER BY "Kind" = 'Embedding' DESC, "Id" LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING *
               """
            : (FormattableString)$"""
               UPDATE jobs SET Owner = {owner}, ClaimedAt = {now}, Tries = Tries + 1
               WHERE Id = (SELECT Id FROM jobs WHERE NotBefore <= {now} AND (ClaimedAt IS NULL OR ClaimedAt < {lost})
                              AND Id NOT IN (SELECT value FROM json_each({JsonSerializer.Serialize(held)}))
                            ORDER BY Kind = 'Embedding' DESC, Id LIMIT 1)
               RETURNING *
               """;
        var claimed = await context.Jobs.FromSql(claim).AsNoTracking().ToListAsync(cancellationToken);
        if (claimed is not [var job])
            return null;
        _held[job.Id] = job;
        return job;
    }

    /// <summary>This process does not work on the job any more, however that ended.</summary>
    public void LetGo(JobRecord job) => _held.TryRemove(job.Id, out _);

    /// <summary>Says that the worker lives. <see langword="false"/> when the job was given to another.</summary>
    public async Task<bool> RenewAsync(JobRecord job, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.Where(j => j.Id == job.Id && j.Owner == job.Owner)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.ClaimedAt, time.GetUtcNow()), cancellationToken) == 1;
    }
}
