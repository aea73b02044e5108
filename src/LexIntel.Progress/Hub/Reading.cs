using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>Where a single read found its state; the words of <c>X-Progress-Source</c>.</summary>
internal enum ReadingOrigin
{
    Live,
    Backplane,
    Database,
}

/// <param name="State">The state; <see langword="null"/> when nobody has reported anything.</param>
/// <param name="StalledSince">Since when its worker gives no sign of life.</param>
/// <param name="Origin">Where it was found.</param>
/// <param name="IsUnknown">The host's source says that there is no such document.</param>
internal readonly record struct Reading(State? State, DateTimeOffset? StalledSince, ReadingOrigin Origin, bool IsUnknown);
