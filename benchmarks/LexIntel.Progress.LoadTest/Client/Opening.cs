namespace LexIntel.Progress.LoadTest.Client;

/// <summary>What came of opening connections.</summary>
/// <param name="Open">Connections that are open.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Failures">Why the others are not.</param>
internal sealed record Opening(int Open, double Seconds, Dictionary<string, int> Failures);
