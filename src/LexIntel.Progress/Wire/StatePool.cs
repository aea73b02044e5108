using System.Collections.Concurrent;

namespace LexIntel.Progress.Wire;

/// <summary>
/// States that nobody holds any more, to be used again. The newest state of each document outlives several of the collector's youngest generations
/// and then dies, which is what collectors are worst at: with 10,000 documents each collection stopped the process for tens of milliseconds.
/// </summary>
internal static class StatePool
{
    /// <summary>Longer ones are rare, and their memory would stay.</summary>
    public const int MostBytes = 512;

    private const int MostIdle = 1024;

    private static readonly ConcurrentQueue<State> Idle = new();
    private static int _count;

    /// <summary>A stored state in the short form, held by the caller.</summary>
    public static State Take(in StateFields fields, ReadOnlyMemory<byte> json)
    {
        if (json.Length > MostBytes)
            return new(fields, json);
        if (Idle.TryDequeue(out var state))
            Interlocked.Decrement(ref _count);
        else
            state = new();
        state.Become(fields, json.Span);
        return state;
    }

    /// <summary>Nobody holds it.</summary>
    public static void Return(State state)
    {
        if (Interlocked.Increment(ref _count) <= MostIdle)
            Idle.Enqueue(state);
        else
            Interlocked.Decrement(ref _count);
    }
}
