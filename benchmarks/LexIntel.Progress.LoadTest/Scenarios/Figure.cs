using System.Globalization;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>One column of a result: how it is called, taken from a trial, and printed.</summary>
internal sealed record Figure(string Name, string Format, Func<Trial, double> Take)
{
    public static IReadOnlyList<Figure> Flow { get; } =
    [
        new("P50 ms", "0.00", static trial => trial.Seen.Latency.Quantile(0.5)),
        new("P95 ms", "0.00", static trial => trial.Seen.Latency.Quantile(0.95)),
        new("P99 ms", "0.0", static trial => trial.Seen.Latency.Quantile(0.99)),
        new("P99.9 ms", "0.0", static trial => trial.Seen.Latency.Quantile(0.999)),
        new("stale P50 ms", "0.0", static trial => trial.Seen.Staleness.Quantile(0.5)),
        new("stale P99 ms", "0.0", static trial => trial.Seen.Staleness.Quantile(0.99)),
        new("shown age ms", "0", static trial => trial.MeanShownAge),
        new("states/s", "0", static trial => trial.Seen.States / trial.Seconds),
        new("skipped %", "0.0", static trial => trial.SkippedPart * 100),
        new("segments/state", "0.00", static trial => trial.SegmentsPerState),
        new("bytes/state", "0", static trial => trial.BytesPerState),
        new("server µs/state", "0.0", static trial => trial.CpuPerState),
        new("of it kernel", "0.0", static trial => trial.ServerKernelCpu * 1e6 / trial.Seen.States),
        new("allocated/state", "0", static trial => trial.AllocatedPerState),
        new("buffers MiB", "0.0", static trial => trial.Buffers / 1024 / 1024),
        new("GCs", "0", static trial => trial.Collections),
        new("pause ms", "0", static trial => trial.PauseSeconds * 1000),
        new("server CPU", "0.00", static trial => trial.ServerCpu / trial.Seconds),
        new("store CPU", "0.00", static trial => trial.Cpu["store"] / trial.Seconds),
        new("clients CPU", "0.00", static trial => trial.Cpu["clients"] / trial.Seconds),
        new("worker CPU", "0.00", static trial => trial.Cpu["publisher"] / trial.Seconds),
        new("KiB/stream", "0.0", static trial => trial.MemoryPerStream),
        new("growth MiB", "0.0", static trial => trial.MemoryGrowth),
        new("opening s", "0.0", static trial => trial.OpenSeconds),
        new("broken", "0", static trial => trial.Seen.Failures.Values.Sum()),
        new("backwards", "0", static trial => trial.Seen.Backwards),
    ];

    public static IReadOnlyList<Figure> Idle { get; } =
    [
        new("streams", "0", static trial => trial.Opened),
        new("opening s", "0.0", static trial => trial.OpenSeconds),
        new("KiB/stream", "0.0", static trial => trial.MemoryPerStream),
        new("base MiB", "0", static trial => trial.BaseMemory),
        new("files", "0", static trial => trial.Files),
        new("server CPU %", "0.0", static trial => trial.ServerCpu / trial.Seconds * 100),
        new("store CPU %", "0.0", static trial => trial.Cpu["store"] / trial.Seconds * 100),
        new("allocated/s", "0", static trial => trial.Allocated / trial.Seconds),
        new("return s", "0.00", static trial => trial.ReturnSeconds),
        new("reads in store", "0", static trial => trial.StoreReads),
        new("broken", "0", static trial => trial.Seen.Failures.Values.Sum()),
    ];

    public double Median(IReadOnlyCollection<Trial> trials)
    {
        var values = trials.Select(Take).Order().ToArray();
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }

    /// <summary>The median, and behind it the least and the most.</summary>
    public string Print(IReadOnlyCollection<Trial> trials)
    {
        var (least, most) = (Text(trials.Min(Take)), Text(trials.Max(Take)));
        var median = Text(Median(trials));
        return least == most ? median : $"{median} ({least}-{most})";
    }

    private string Text(double value) => double.IsNaN(value) ? "-" : value.ToString(Format, CultureInfo.InvariantCulture);
}
