using System.Collections.Concurrent;

namespace LexIntel.Progress;

/// <summary>
/// Runs the readers that were woken on the thread pool, in the order in which they were, with few work items there at a time. The pool itself takes what a
/// thread queued last first, so that of ten thousand readers of one document some would wait until nothing new comes, and everything else in the
/// process would wait for all of them.
/// </summary>
internal sealed class Dispatcher : IThreadPoolWorkItem
{
    /// <summary>How many run before the pool's other work has a turn: the server's sockets have to send what readers have written, or it piles up.</summary>
    private const int MostInTurn = 16;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _woken = new();
    private int _isScheduled;

    public static Dispatcher Shared { get; } = new();

    public void Add(IThreadPoolWorkItem reader)
    {
        _woken.Enqueue(reader);
        Schedule();
    }

    void IThreadPoolWorkItem.Execute()
    {
        // From here on whoever adds asks for one more thread, and this one does before it runs anything: a reader that blocks holds up nobody.
        Interlocked.Exchange(ref _isScheduled, 0);
        for (var turn = 0; turn < MostInTurn && _woken.TryDequeue(out var reader); turn++)
        {
            if (turn == 0 && !_woken.IsEmpty)
                Schedule();
            reader.Execute();
        }

        if (!_woken.IsEmpty)
            Schedule();
    }

    private void Schedule()
    {
        if (Volatile.Read(ref _isScheduled) == 0 && Interlocked.Exchange(ref _isScheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
