using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;
using Microsoft.Data.Sqlite;

namespace DocumentPipeline.Tests;

/// <summary>A worker that was away for so long that its job was given to another, and then comes back.</summary>
public sealed class TakeoverTests
{
    [Fact]
    public async Task Worker_that_comes_back_late_changes_nothing()
    {
        if (RedisServer.WhyMissing is { } reason)
            Assert.Skip(reason);
        await using var redis = await RedisServer.LaunchAsync();
        using var folder = new WorkFolder();
        (string, string)[] settings =
        [
            ("Pipeline__WorkingFolder", folder.Path), ("ConnectionStrings__Redis", redis.Configuration),
            ("Pipeline__PageDelay", "00:00:00.06"), ("Pipeline__ClaimTimeout", "00:00:03"),
        ];
        await using var api = await PipelineServer.StartAsync(folder, "http://127.0.0.1:0", ["--role", "api"], settings);
        await using var first = SampleProgram.Start(["--role", "worker"], settings);
        var id = await api.UploadAsync(SampleDocuments.LongPdf, SampleDocuments.Read(SampleDocuments.LongPdf));
        await api.StatusAsync(id, state => (double)state["progress"]! >= 20, "20 %");

        await FreezeAsync(first, folder);
        await using var second = SampleProgram.Start(["--role", "worker"], settings);
        await api.StatusAsync(id, state => (int?)state["run"] == 2, "a second attempt");
        await first.SendAsync("CONT");
        await first.LineAsync("ended: Lost");

        var end = await api.EndAsync(id);
        Assert.Equal("completed", (string)end["status"]!);
        // On a machine that is very busy, the second worker may be late as well.
        Assert.InRange((int)end["run"]!, 2, 3);
        Assert.Equal("104 pages, 423 passages", (string)end["message"]!);
    }

    /// <summary>
    /// Freezes a worker outside of its transactions: frozen inside of one it keeps the database's only write lock, and nobody can take over
    /// from it. (Killed, it would lose the lock.)
    /// </summary>
    private static async Task FreezeAsync(SampleProgram worker, WorkFolder folder)
    {
        while (true)
        {
            await worker.SendAsync("STOP");
            if (await CanWriteAsync(folder))
                return;
            await worker.SendAsync("CONT");
        }
    }

    private static async Task<bool> CanWriteAsync(WorkFolder folder)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "pipeline.db")};Default Timeout=2;Pooling=False");
        await connection.OpenAsync();
        try
        {
            await using var transaction = await connection.BeginTransactionAsync();
            return true;
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }
    }
}
