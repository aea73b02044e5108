namespace LexIntel.Progress.Hub;

/// <summary>
/// Watches in a list that goes through themselves, newest first: neither one watch nor ten thousand cost a collection, and each leaves at once. Each is
/// in two, its topic's and its mailbox's. Not thread-safe.
/// </summary>
/// <param name="ofTopic">Whether it is a topic's.</param>
internal struct WatchList(bool ofTopic)
{
    private Watch? _first;

    public int Count { get; private set; }

    public readonly Watch? First => _first;

    public void Add(Watch watch)
    {
        Links(watch).Next = _first;
        if (_first is not null)
            Links(_first).Previous = watch;
        _first = watch;
        Count++;
    }

    public void Remove(Watch watch)
    {
        var (next, previous) = (Links(watch).Next, Links(watch).Previous);
        if (previous is null)
            _first = next;
        else
            Links(previous).Next = next;
        if (next is not null)
            Links(next).Previous = previous;
        Links(watch) = default;
        Count--;
    }

    private readonly ref WatchLinks Links(Watch watch) => ref ofTopic ? ref watch.InTopic : ref watch.InMailbox;
}

/// <summary>A watch's place in a <see cref="WatchList"/>, which alone changes it.</summary>
internal struct WatchLinks
{
    public Watch? Next;
    public Watch? Previous;
}
