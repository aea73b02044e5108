namespace DocumentPipeline;

/// <summary>Settings of the sample, from section <c>Pipeline</c>, checked at start.</summary>
internal sealed class PipelineOptions
{
    public const string SectionName = "Pipeline";

    /// <summary>Where the files lie, and the database if it is SQLite; relative paths begin at the content root. Default: <c>work</c>.</summary>
    public string WorkingFolder { get; set; } = "work";

    /// <summary>
    /// How long a page is held up on its way through all steps, from zero (not at all) to one minute. Default: 250 milliseconds, so that
    /// 100 pages take about 25 seconds. Hashing is done in no time; a model, OCR or a remote service is not, and without this there
    /// would be nothing to watch.
    /// </summary>
    public TimeSpan PageDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many documents are worked on at once, from 1 to 64. Default: 2.</summary>
    public int Parallelism { get; set; } = 2;

    /// <summary>How large a file may be, from 1 KiB to 1 GiB. Default: 50 MiB.</summary>
    public long MaxUploadBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>How many pages a document may have, from 1 to 100,000. Default: 2,000.</summary>
    public int MaxPages { get; set; } = 2_000;

    /// <summary>How large a file may be when unpacked, as counted while unpacking it, from 1 KiB to 2 GiB. Default: 200 MiB.</summary>
    public long MaxUnpackedBytes { get; set; } = 200 * 1024 * 1024;

    /// <summary>How many entries a DOCX, which is a zip archive, may have, from 1 to 100,000. Default: 5,000.</summary>
    public int MaxArchiveEntries { get; set; } = 5_000;

    /// <summary>How long one job may take, from one second to one day. Default: 30 minutes.</summary>
    public TimeSpan MaxProcessingTime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>After how long without a sign of life a job is given to another worker, from one second to one hour. Default: 15 seconds.</summary>
    public TimeSpan ClaimTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a job is tried before its document has failed, from 1 to 100. Default: 3.</summary>
    public int MaxTries { get; set; } = 3;

    /// <summary>How long to wait before a job is tried again after an error, from zero to one hour. Default: 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often to look for jobs of other processes, from 10 milliseconds to one minute. Default: 500 milliseconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);
}
