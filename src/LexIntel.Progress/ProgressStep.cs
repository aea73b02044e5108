namespace LexIntel.Progress;

/// <summary>One step of an attempt, as shown in <see cref="ProgressSnapshot.Steps"/>.</summary>
/// <param name="Name">As the worker named it.</param>
/// <param name="Status">Where this step stands.</param>
/// <param name="Started">When it began; UTC.</param>
/// <param name="Duration">How long it took; <see langword="null"/> while it runs.</param>
public sealed record ProgressStep(string Name, ProgressStatus Status, DateTimeOffset Started, TimeSpan? Duration = null);
