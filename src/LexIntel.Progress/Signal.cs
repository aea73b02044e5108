using System.Threading.Tasks.Sources;

namespace LexIntel.Progress;

/// <summary>
/// Wakes one waiter. Set without a waiter it stays set, set twice it counts once: whoever wakes looks at everything, so no wake-up
/// carries data and none can be lost. Waiting allocates nothing.
/// </summary>
/// <param name="dispatcher">Who runs the waiter; without one, the thread pool does.</param>
internal sealed class Signal(Dispatcher? dispatcher = null) : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int IsSet = 1;
    private const int IsWaitedFor = 2;

    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    public void Set()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == IsSet)
                return;
            if (Interlocked.CompareExchange(ref _state, state == IsWaitedFor ? Idle : IsSet, state) != state)
                continue;
            if (state == Idle)
                return;
            if (dispatcher is null)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
            else
                dispatcher.Add(this);
            return;
        }
    }

    /// <summary>Completes at the next <see cref="Set"/>, or at once when there was one since the last wait. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (TryTakeSet())
            return ValueTask.CompletedTask;
        // Before anybody can complete it.
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, IsWaitedFor, Idle) == Idle)
            return new ValueTask(this, _source.Version);
        TryTakeSet();
        return ValueTask.CompletedTask;
    }

    // Runs the waiter here; nobody else completes it.
    void IThreadPoolWorkItem.Execute() => _source.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private bool TryTakeSet() => Interlocked.CompareExchange(ref _state, Idle, IsSet) == IsSet;
}
