namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Settings of the endpoints. Bound from configuration section <c>LexIntel:Progress</c>, the same as <see cref="ProgressOptions"/>, and
/// checked when the endpoints are mapped.
/// </summary>
public sealed class ProgressStreamOptions
{
    internal static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>After how much silence a stream sends a <c>heartbeat</c>. Keep it below the read timeout of every proxy on the way.</summary>
    /// <value>From 100 milliseconds to 5 minutes. Default: 15 seconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The shortest time after which a client comes back when its stream broke. Each stream gets a random one, so that clients do not come back at once.</summary>
    /// <value>From 100 milliseconds to 60 seconds. Default: 1 second.</value>
    public TimeSpan RetryMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time after which a client comes back when its stream broke.</summary>
    /// <value>From <see cref="RetryMin"/> to 60 seconds. Default: 3 seconds.</value>
    public TimeSpan RetryMax { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest time after which a client comes back when the host stopped; the load of the remaining hosts is spread over it.</summary>
    /// <value>From <see cref="RetryMin"/> to 60 seconds. Default: 10 seconds.</value>
    public TimeSpan DrainRetryMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a stream may last, so that load spreads anew over the hosts and nothing lives for ever; each ends at a random 80-100 % of it, and
    /// its client comes back at once behind what it has.
    /// </summary>
    /// <value>From 1 second to 7 days, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. Default: 2 hours.</value>
    public TimeSpan MaxStreamAge { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How many documents one stream may watch. A GET may name at most 100 of them, because servers and proxies refuse long URLs.</summary>
    /// <value>From 1 to 100,000. Default: 1,000.</value>
    public int MaxDocumentsPerStream { get; set; } = 1_000;

    /// <summary>How long a status request may wait for something newer (<c>?wait=</c>); one that asks for more waits this long. Keep it below every proxy's read timeout.</summary>
    /// <value>From 0, which answers all at once, to 5 minutes. Default: 30 seconds.</value>
    public TimeSpan MaxStatusWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Pages of other origins that may open a WebSocket, such as <c>https://app.example.com</c>. Pages of the host itself always may, and so may
    /// programs that send no <c>Origin</c>.
    /// </summary>
    /// <value>Scheme, host, and port if it is not the scheme's own. Default: none.</value>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>How often an open stream's access is checked again. Each stream takes 80-100 % of it, at random, so that checks spread.</summary>
    /// <value>From 1 second to 1 day. Default: 1 minute.</value>
    public TimeSpan AccessRecheckInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a client that may not see a document is told 404, as if there were none, instead of 403.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool ForbiddenAsNotFound { get; set; }

    /// <summary>How many streams may be open at once, of all clients together.</summary>
    /// <value>From 1 to 10,000,000. Default: 100,000.</value>
    public int MaxStreams { get; set; } = 100_000;

    /// <summary>How many streams one signed-in user may have open at once.</summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: 100.</value>
    public int? MaxStreamsPerUser { get; set; } = 100;

    /// <summary>
    /// How many streams may be open at once for clients of one address that are not signed in. Set it only when the host sees the real address
    /// (forwarded headers), and remember that a whole office may share one. An IPv6 network of 64 bits counts as one address.
    /// </summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: <see langword="null"/>.</value>
    public int? MaxStreamsPerAddress { get; set; }

    /// <summary>How many different documents may be watched at once, by all clients together.</summary>
    /// <value>From 1 to 10,000,000. Default: 500,000.</value>
    public int MaxTopics { get; set; } = 500_000;

    /// <summary>How many different documents one signed-in user may watch at once, on all streams together.</summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: 10,000.</value>
    public int? MaxTopicsPerUser { get; set; } = 10_000;

    /// <summary>How many different documents clients of one address that are not signed in may watch at once. See <see cref="MaxStreamsPerAddress"/>.</summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: <see langword="null"/>.</value>
    public int? MaxTopicsPerAddress { get; set; }

    /// <summary>How many streams may be opened per second, by all clients together.</summary>
    /// <value>From 1 to 10,000,000. Default: 50,000.</value>
    public int MaxNewStreamsPerSecond { get; set; } = 50_000;

    /// <summary>How many streams one signed-in user may open per second; as many may come at once.</summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: 100.</value>
    public int? MaxNewStreamsPerSecondPerUser { get; set; } = 100;

    /// <summary>How many streams may be opened per second by clients of one address that are not signed in. See <see cref="MaxStreamsPerAddress"/>.</summary>
    /// <value>From 1 to 10,000,000; <see langword="null"/>: no limit. Default: <see langword="null"/>.</value>
    public int? MaxNewStreamsPerSecondPerAddress { get; set; }

    /// <summary>How many commands one WebSocket may send per second; as many may come at once. What comes too early is refused, and the socket goes on.</summary>
    /// <value>From 1 to 10,000. Default: 20. One command can name as many documents as a stream may watch.</value>
    public int MaxSocketCommandsPerSecond { get; set; } = 20;

    internal void Validate()
    {
        List<string> errors = [];
        var longest = TimeSpan.FromSeconds(60);
        ProgressOptionsValidator.Check(errors, nameof(HeartbeatInterval), HeartbeatInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        ProgressOptionsValidator.Check(errors, nameof(RetryMin), RetryMin, ShortestRetry, longest);
        ProgressOptionsValidator.Check(errors, nameof(RetryMax), RetryMax, RetryMin, longest);
        ProgressOptionsValidator.Check(errors, nameof(DrainRetryMax), DrainRetryMax, RetryMin, longest);
        if (MaxStreamAge != Timeout.InfiniteTimeSpan)
            ProgressOptionsValidator.Check(errors, nameof(MaxStreamAge), MaxStreamAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        ProgressOptionsValidator.Check(errors, nameof(MaxStatusWait), MaxStatusWait, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (MaxDocumentsPerStream is < 1 or > 100_000)
            errors.Add($"{ProgressOptions.SectionName}:{nameof(MaxDocumentsPerStream)} is {MaxDocumentsPerStream}; use a number from 1 to 100,000.");
        foreach (var origin in AllowedOrigins)
        {
            if (!SocketOrigins.IsOrigin(origin))
                errors.Add($"{ProgressOptions.SectionName}:{nameof(AllowedOrigins)} holds '{origin}'; write scheme and host, such as 'https://app.example.com'.");
        }

        ProgressOptionsValidator.Check(errors, nameof(AccessRecheckInterval), AccessRecheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        CheckCount(errors, nameof(MaxStreams), MaxStreams);
        CheckCount(errors, nameof(MaxStreamsPerUser), MaxStreamsPerUser);
        CheckCount(errors, nameof(MaxStreamsPerAddress), MaxStreamsPerAddress);
        CheckCount(errors, nameof(MaxTopics), MaxTopics);
        CheckCount(errors, nameof(MaxTopicsPerUser), MaxTopicsPerUser);
        CheckCount(errors, nameof(MaxTopicsPerAddress), MaxTopicsPerAddress);
        CheckCount(errors, nameof(MaxNewStreamsPerSecond), MaxNewStreamsPerSecond);
        CheckCount(errors, nameof(MaxNewStreamsPerSecondPerUser), MaxNewStreamsPerSecondPerUser);
        CheckCount(errors, nameof(MaxNewStreamsPerSecondPerAddress), MaxNewStreamsPerSecondPerAddress);
        if (MaxSocketCommandsPerSecond is < 1 or > 10_000)
            errors.Add($"{ProgressOptions.SectionName}:{nameof(MaxSocketCommandsPerSecond)} is {MaxSocketCommandsPerSecond}; use a number from 1 to 10,000.");
        if (errors.Count > 0)
            throw new Microsoft.Extensions.Options.OptionsValidationException(nameof(ProgressStreamOptions), typeof(ProgressStreamOptions), errors);
    }

    private static void CheckCount(List<string> errors, string name, int? value)
    {
        if (value is < 1 or > 10_000_000)
            errors.Add($"{ProgressOptions.SectionName}:{name} is {value}; use a number from 1 to 10,000,000.");
    }
}
