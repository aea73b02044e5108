namespace LexIntel.Progress;

/// <summary>What progress is reported of: a document, or a batch of documents. An id by itself is a document's.</summary>
/// <param name="Id">Its opaque id.</param>
/// <param name="IsBatch">Whether it is a batch.</param>
internal readonly record struct Subject(string Id, bool IsBatch)
{
    public static Subject Batch(string batchId) => new(batchId, IsBatch: true);

    public static implicit operator Subject(string documentId) => new(documentId, IsBatch: false);

    /// <summary>As it is called in a sentence.</summary>
    public override string ToString() => $"{(IsBatch ? "batch" : "document")} '{Id}'";
}
