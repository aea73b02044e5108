using LexIntel.Progress.Publishing;

namespace LexIntel.Progress.Tracking;

/// <summary>What the jobs of a process share.</summary>
/// <param name="Outbox">Where they say that they have news.</param>
/// <param name="Options">The settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="IsHostStopping">Whether unfinished work was interrupted by the host and will be run again.</param>
internal sealed record TrackingContext(Outbox Outbox, ProgressOptions Options, TimeProvider Time, Func<bool> IsHostStopping);
