namespace LexIntel.Progress.Chaos;

/// <summary>The settings of the product in an experiment, short so that much happens in a minute, and how much a loaded machine may add. In milliseconds.</summary>
internal sealed record Limits
{
    public static Limits Default { get; } = new();

    public double Lease { get; init; } = 3000;

    public double Quiet { get; init; } = 1000;

    public double PublishInterval { get; init; } = 50;

    public double BackplaneTimeout { get; init; } = 1000;

    /// <summary>What a machine with few and noisy cores may add to any time.</summary>
    public double Slack { get; init; } = 2000;

    /// <summary>How long after a fault its consequences (broken connections, calls that time out) are still excused.</summary>
    public double Recovery { get; init; } = 4000;

    /// <summary>A worker's call that takes longer was blocked by something; the least thing to wait for, a backplane call, takes longer when it fails.</summary>
    public double LongestCall { get; init; } = 500;

    public double LongestCallOf999 { get; init; } = 20;

    /// <summary>What the processes of the experiment get.</summary>
    public IEnumerable<(string Name, string Value)> Environment =>
    [
        ("LexIntel__Progress__Lease", Time(Lease)),
        ("LexIntel__Progress__QuietInterval", Time(Quiet)),
        ("LexIntel__Progress__PublishInterval", Time(PublishInterval)),
        ("LexIntel__Progress__BackplaneTimeout", Time(BackplaneTimeout)),
        ("LexIntel__Progress__Linger", Time(1000)),
        ("LexIntel__Progress__HeartbeatInterval", Time(2000)),
    ];

    private static string Time(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToString();
}
