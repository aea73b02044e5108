using LexIntel.Progress.LoadTest.Processes;
using Microsoft.Data.Sqlite;

namespace LexIntel.Progress.LoadTest.Stores;

/// <summary>A SQLite file with a write-ahead log, so that readers do not wait for the writer.</summary>
internal sealed class SqliteStore : IStore
{
    public SqliteStore(DirectoryInfo folder)
    {
        Configuration = $"Data Source={folder.FullName}/progress.db";
        using var connection = new SqliteConnection(Configuration);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA journal_mode = wal; {PostgresStore.Table};";
        command.ExecuteNonQuery();
    }

    public ChildProcess? Process => null;

    public string Configuration { get; }

    public Task<double> ReadsAsync() => Task.FromResult(double.NaN);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
