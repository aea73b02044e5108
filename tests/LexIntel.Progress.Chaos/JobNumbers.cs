namespace LexIntel.Progress.Chaos;

/// <summary>Numbers the jobs of an experiment.</summary>
internal sealed class JobNumbers
{
    private int _last;

    public int Next() => Interlocked.Increment(ref _last);
}
