namespace LexIntel.Progress.Tests.Support;

/// <summary>The host's own record of documents, as a test fills it. Registered as a singleton that the scoped source asks.</summary>
internal sealed class SourceRecord
{
    private int _calls;

    public Func<IReadOnlyCollection<string>, IReadOnlyList<ProgressSnapshot>> Answer { get; set; } = _ => [];

    public int Calls => _calls;

    public IReadOnlyList<ProgressSnapshot> Ask(IReadOnlyCollection<string> documentIds)
    {
        Interlocked.Increment(ref _calls);
        return Answer(documentIds);
    }
}

/// <summary>The source that the product resolves in a scope for each call.</summary>
internal sealed class RecordSource(SourceRecord record) : IProgressSnapshotSource
{
    public async ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken)
    {
        // As a database does, it takes its time: questions gather meanwhile.
        await Task.Delay(10, cancellationToken);
        return record.Ask(documentIds);
    }
}
