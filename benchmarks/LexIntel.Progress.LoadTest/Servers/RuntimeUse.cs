namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>What the runtime of a .NET server has used since its start.</summary>
/// <param name="Allocated">Bytes allocated.</param>
/// <param name="Collections">Garbage collections.</param>
/// <param name="PauseSeconds">How long they stopped it.</param>
/// <param name="Heap">Bytes on the heap.</param>
internal sealed record RuntimeUse(long Allocated, int Collections, double PauseSeconds, long Heap)
{
    /// <summary>Collects all generations and gives back what is free: as the process would be some time after the streams were opened.</summary>
    public static void Settle() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    public static RuntimeUse Now => new(GC.GetTotalAllocatedBytes(), GC.CollectionCount(0), GC.GetTotalPauseDuration().TotalSeconds, GC.GetTotalMemory(forceFullCollection: false));
}
