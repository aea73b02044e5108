namespace LexIntel.Progress;

/// <summary>
/// The host's own record of its documents, usually a database: the source of truth when the backplane is away or has forgotten, and the
/// authority on which documents exist. Register it with <c>AddLexIntelProgress().UseSnapshotSource&lt;T&gt;()</c>.
/// </summary>
/// <remarks>Each call runs in a dependency injection scope of its own. If it throws, that is logged and treated as no answer.</remarks>
public interface IProgressSnapshotSource
{
    /// <summary>Reads the present states of documents.</summary>
    /// <param name="documentIds">1 to 100 documents.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// One snapshot, without revision, for each document that exists; none for a document that does not, which makes its endpoints answer 404.
    /// A snapshot counts when nothing is stored, or when it is an end and what is stored is none.
    /// </returns>
    ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken);

    /// <summary>Reads how batches stand. A source that knows its documents' batches makes their counts survive the loss of all of Redis' data.</summary>
    /// <param name="batchIds">1 to 100 batches.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// One snapshot, without revision, for each batch that exists; none for a batch that does not, which makes its endpoints answer 404.
    /// <see langword="null"/> (the default): the source knows nothing of batches, and none is unknown.
    /// </returns>
    ValueTask<IReadOnlyList<ProgressBatchSnapshot>?> GetBatchesAsync(IReadOnlyCollection<string> batchIds, CancellationToken cancellationToken) => new((IReadOnlyList<ProgressBatchSnapshot>?)null);
}
