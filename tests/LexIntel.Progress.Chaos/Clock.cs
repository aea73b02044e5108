namespace LexIntel.Progress.Chaos;

/// <summary>Milliseconds since 1970: all processes of an experiment run on one machine, so their times can be compared.</summary>
internal static class Clock
{
    public static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
}
