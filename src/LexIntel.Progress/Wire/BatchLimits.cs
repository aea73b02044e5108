namespace LexIntel.Progress.Wire;

/// <summary>The sizes of batches.</summary>
internal static class BatchLimits
{
    /// <summary>Documents of one batch; more are dropped.</summary>
    public const int Members = 100_000;

    /// <summary>Members in one offer, so that no call keeps the store from others for more than about a millisecond.</summary>
    public const int MembersPerOffer = 500;

    /// <summary>How long a batch must have run before its remaining time is estimated.</summary>
    public static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(2);

    /// <summary>How far, in tenths of a percent, it must have come.</summary>
    public const int SettlingProgress = 10;

    /// <summary>Longer estimates are not shown.</summary>
    public static readonly TimeSpan LongestRemaining = TimeSpan.FromHours(24);
}
