namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A steady flow of updates from a thread of its own; what it is late with it makes up for.</summary>
internal sealed class Flow(IUpdateSink sink, int documents, double rate)
{
    private readonly int[] _numbers = new int[documents];
    private volatile bool _isStopping;
    private Thread? _thread;
    private long _published;
    private long _began;
    private int _next;

    public void PublishEach()
    {
        for (var i = 0; i < documents; i++)
            PublishNext();
    }

    /// <summary>All documents at once, again and again, each time until all are stored; without stamps, so that the allocations are the publisher's.</summary>
    public async Task<Published> BurstAsync(int rounds)
    {
        await sink.FlushAsync();
        var (allocated, began, count) = (GC.GetTotalAllocatedBytes(), Stamp.Now, 0L);
        for (var round = 0; round < rounds; round++)
        {
            for (var document = 0; document < documents; document++, count++)
                sink.Publish(document, "Extracting page 12 of 300");
            await sink.WaitForAsync(count);
        }

        return new(count, (Stamp.Now - began) / 1e9) { Allocated = GC.GetTotalAllocatedBytes() - allocated };
    }

    public void Start()
    {
        (_isStopping, _published, _began) = (false, 0, Stamp.Now);
        _thread = new Thread(Run);
        _thread.Start();
    }

    public Published Stop()
    {
        _isStopping = true;
        _thread?.Join();
        return new(_published, (Stamp.Now - _began) / 1e9);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            var due = (long)((Stamp.Now - _began) / 1e9 * rate);
            for (; _published < due && !_isStopping; _published++)
                PublishNext();
            // Whole milliseconds are the finest the scheduler gives; at high rates a few updates go out together, as from several workers.
            Thread.Sleep(rate > 100 ? 1 : 2);
        }
    }

    private void PublishNext()
    {
        var document = _next;
        _next = (_next + 1) % documents;
        sink.Publish(document, new Stamp(Stamp.Now, ++_numbers[document]).ToString());
    }
}

/// <summary>What a flow has published.</summary>
/// <param name="Count">Updates.</param>
/// <param name="Seconds">The time that took.</param>
internal sealed record Published(long Count, double Seconds)
{
    /// <summary>Bytes it allocated meanwhile, where that was counted.</summary>
    public long Allocated { get; init; }
}
