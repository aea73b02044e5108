namespace LexIntel.Progress.Http;

/// <summary>
/// When to ask again after a failure: at a random time (full jitter, so that clients that lost the same host do not come back at once)
/// within a span that doubles each time. Not thread-safe.
/// </summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most)
{
    private int _failures;

    public void Reset() => _failures = 0;

    /// <param name="asked">How long the host asked to wait: the random time begins after it.</param>
    public TimeSpan Next(TimeSpan asked)
    {
        var span = least * Math.Pow(2, Math.Min(_failures++, 30));
        return asked + ((span < most ? span : most) * Random.Shared.NextDouble());
    }
}
