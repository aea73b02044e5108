using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Storage;

/// <summary>The folder that api and worker share: the files, the database if it is SQLite, and uploads that are not complete yet.</summary>
internal sealed class WorkingFolder
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(24);
    private readonly string _root;
    private readonly TimeProvider _time;

    public WorkingFolder(IOptions<PipelineOptions> options, IHostEnvironment environment, TimeProvider time)
    {
        _root = Path.GetFullPath(options.Value.WorkingFolder, environment.ContentRootPath);
        _time = time;
    }

    public string ConnectionString => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(_root, "pipeline.db"),
        // Two processes write to it; each waits for the other instead of failing.
        DefaultTimeout = (int)BusyTimeout.TotalSeconds,
    }.ToString();

    public string LockPath => Path.Combine(_root, "pipeline.lock");

    public string FilePath(string documentId) => Path.Combine(_root, "files", documentId);

    public string NewUploadPath() => Path.Combine(_root, "uploads", Guid.NewGuid().ToString());

    /// <summary>Makes the folders, and removes what uploads of crashed processes left behind.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(Path.Combine(_root, "files"));
        var uploads = Directory.CreateDirectory(Path.Combine(_root, "uploads"));
        foreach (var file in uploads.EnumerateFiles())
        {
            if (_time.GetUtcNow() - file.LastWriteTimeUtc > AbandonedAfter)
                file.Delete();
        }
    }
}
