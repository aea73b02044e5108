namespace LexIntel.Progress.Chaos.Histories;

internal enum ReaderKind
{
    /// <summary>Reads whatever comes, on one connection.</summary>
    Steady,

    /// <summary>Reads nothing for seconds.</summary>
    Slow,

    /// <summary>Leaves and comes back with its last id, often at the other backend.</summary>
    Hopper,
}

/// <summary>What one reader of one document saw, in its order.</summary>
internal sealed record ReaderLog(int Id, string Document, ReaderKind Kind)
{
    public List<ReaderEvent> Events { get; init; } = [];

    public IEnumerable<ReaderEvent> States => Events.Where(seen => seen.Kind == ReaderEventKind.State);

    /// <summary>The reader's connections, each with its events.</summary>
    public IEnumerable<IGrouping<int, ReaderEvent>> Connections => Events.GroupBy(seen => seen.Connection);

    /// <summary>The newest state that the reader held at a time.</summary>
    public SeenState? HeldAt(double at) => States.TakeWhile(seen => seen.At <= at).LastOrDefault()?.State;

    public override string ToString() => $"reader {Id} ({Kind})";
}
