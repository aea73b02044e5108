using LexIntel.Progress.LoadTest.Client;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>What one repetition of a scenario gave.</summary>
internal sealed record Trial
{
    /// <summary>Streams that were open at the end of the opening.</summary>
    public int Opened { get; init; }

    /// <summary>Seconds until all were open.</summary>
    public double OpenSeconds { get; init; }

    /// <summary>Seconds of the measurement.</summary>
    public double Seconds { get; init; }

    /// <summary>Updates that were published per second.</summary>
    public double Published { get; init; }

    /// <summary>What the clients saw.</summary>
    public Tally Seen { get; init; } = new();

    /// <summary>Processor seconds of each process, by its role.</summary>
    public Dictionary<string, double> Cpu { get; init; } = [];

    /// <summary>The kernel's part of the server's processor seconds.</summary>
    public double ServerKernelCpu { get; init; }

    /// <summary>Resident memory that the streams added to the server, per stream, in KiB.</summary>
    public double MemoryPerStream { get; init; }

    /// <summary>By how much the server's resident memory changed during the measurement, in MiB.</summary>
    public double MemoryGrowth { get; init; }

    /// <summary>Resident memory of the server before the first stream, in MiB.</summary>
    public double BaseMemory { get; init; }

    /// <summary>The server's open files with all streams open.</summary>
    public int Files { get; init; }

    /// <summary>Bytes the server allocated during the measurement, without those of <see cref="Buffers"/>; NaN when it is not made of .NET.</summary>
    public double Allocated { get; init; } = double.NaN;

    /// <summary>Bytes by which the server's pool of buffers grew during the measurement; NaN when it is not made of .NET.</summary>
    public double Buffers { get; init; } = double.NaN;

    /// <summary>Garbage collections during the measurement.</summary>
    public int Collections { get; init; }

    /// <summary>Seconds they stopped the server.</summary>
    public double PauseSeconds { get; init; }

    /// <summary>After all clients lost their stream: seconds until each had a state again.</summary>
    public double ReturnSeconds { get; init; } = double.NaN;

    /// <summary>Reads of stored states that Redis executed during the storm.</summary>
    public double StoreReads { get; init; } = double.NaN;

    /// <summary>What the server wrote to its standard error last.</summary>
    public string[] Errors { get; init; } = [];

    public double ServerCpu => Cpu.GetValueOrDefault("server");

    /// <summary>Processor time of the server for each state it delivered, in microseconds.</summary>
    public double CpuPerState => ServerCpu * 1e6 / Seen.States;

    public double AllocatedPerState => Allocated / Seen.States;

    public double BytesPerState => (double)Seen.Bytes / Seen.States;

    public double SegmentsPerState => (double)Seen.Segments / Seen.States;

    /// <summary>The part of all states that clients did not see because a newer one came first.</summary>
    public double SkippedPart => (double)Seen.Skipped / (Seen.States + Seen.Skipped);

    /// <summary>How old what clients show is, on average over time, in milliseconds.</summary>
    public double MeanShownAge => Seen.ShownAge / Seen.ShownTime * 1000;
}
