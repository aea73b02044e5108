using System.Diagnostics.Metrics;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>What the runtime of a .NET server has used since its start.</summary>
/// <param name="Allocated">Bytes allocated, without those of <paramref name="Buffers"/>.</param>
/// <param name="Buffers">
/// Bytes by which Kestrel's pool of buffers grew. It does when more bytes than before wait for their socket, which is a matter of how threads take turns and not
/// of how many states there were, and when it needs again what it let go of.
/// </param>
/// <param name="Collections">Garbage collections.</param>
/// <param name="PauseSeconds">How long they stopped it.</param>
/// <param name="Heap">Bytes on the heap.</param>
internal sealed record RuntimeUse(long Allocated, long Buffers, int Collections, double PauseSeconds, long Heap)
{
    private static long _buffers;

    public static RuntimeUse Now
    {
        get
        {
            var buffers = Volatile.Read(ref _buffers);
            // Exact: otherwise whatever a thread has taken for later counts as well.
            return new(GC.GetTotalAllocatedBytes(precise: true) - buffers, buffers, GC.CollectionCount(0), GC.GetTotalPauseDuration().TotalSeconds, GC.GetTotalMemory(forceFullCollection: false));
        }
    }

    /// <summary>Collects all generations and gives back what is free: as the process would be some time after the streams were opened.</summary>
    public static void Settle() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Counts from here on by how much the pool of buffers grows.</summary>
    public static IDisposable CountBuffers()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Microsoft.AspNetCore.MemoryPool", Name: "aspnetcore.memory_pool.allocated" })
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, bytes, _, _) => Interlocked.Add(ref _buffers, bytes));
        listener.Start();
        return listener;
    }
}
