namespace LexIntel.Progress.Chaos.Faults;

/// <summary>One fault of the schedule.</summary>
/// <param name="After">How long after the end of the one before, in milliseconds.</param>
/// <param name="Kind">What.</param>
/// <param name="Lasts">How long, in milliseconds.</param>
/// <param name="Way">Whose way to Redis, for faults of connections: 0 the workers', 1 the backends', 2 both.</param>
/// <param name="Choice">Decides what is left: which worker, how many times, which connections.</param>
internal sealed record Fault(int After, FaultKind Kind, int Lasts, int Way, int Choice);
