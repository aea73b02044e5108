namespace ReactDashboard.Uploads;

/// <summary>The newest batches, in memory. A real host has a database here.</summary>
internal sealed class BatchList
{
    private const int Longest = 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<Batch> _batches = [];
    private readonly Dictionary<string, Document> _documents = new(StringComparer.Ordinal);

    public void Add(Batch batch)
    {
        lock (_gate)
        {
            _batches.AddFirst(batch);
            foreach (var document in batch.Documents)
                _documents.Add(document.Id, document);
            while (_batches.Count > Longest)
            {
                foreach (var document in _batches.Last!.Value.Documents)
                    _documents.Remove(document.Id);
                _batches.RemoveLast();
            }
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Batch> Read()
    {
        lock (_gate)
            return [.. _batches];
    }

    public Document? Find(string id)
    {
        lock (_gate)
            return _documents.GetValueOrDefault(id);
    }
}
