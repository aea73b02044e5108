namespace LexIntel.Progress.Http;

/// <summary>The documents, or the batch, that travel on one stream. Their inbox holds the lock.</summary>
internal sealed class RemoteGroup
{
    public List<RemoteDocument> Documents { get; } = [];

    /// <summary>How many of them something may still come of.</summary>
    public int OpenCount { get; set; }

    /// <summary>As it is called in a sentence.</summary>
    public override string ToString() => Documents is [var single] ? single.Subject.ToString() : $"{Documents.Count} documents";
}
