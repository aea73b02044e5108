namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Settings of the endpoints. Bound from configuration section <c>LexIntel:Progress</c>, the same as <see cref="ProgressOptions"/>, and
/// checked when the endpoints are mapped.
/// </summary>
public sealed class ProgressStreamOptions
{
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

    internal void Validate()
    {
        List<string> errors = [];
        var least = TimeSpan.FromMilliseconds(100);
        var longest = TimeSpan.FromSeconds(60);
        ProgressOptionsValidator.Check(errors, nameof(HeartbeatInterval), HeartbeatInterval, least, TimeSpan.FromMinutes(5));
        ProgressOptionsValidator.Check(errors, nameof(RetryMin), RetryMin, least, longest);
        ProgressOptionsValidator.Check(errors, nameof(RetryMax), RetryMax, RetryMin, longest);
        ProgressOptionsValidator.Check(errors, nameof(DrainRetryMax), DrainRetryMax, RetryMin, longest);
        ProgressOptionsValidator.Check(errors, nameof(MaxStatusWait), MaxStatusWait, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (MaxDocumentsPerStream is < 1 or > 100_000)
            errors.Add($"{ProgressOptions.SectionName}:{nameof(MaxDocumentsPerStream)} is {MaxDocumentsPerStream}; use a number from 1 to 100,000.");
        foreach (var origin in AllowedOrigins)
        {
            if (!SocketOrigins.IsOrigin(origin))
                errors.Add($"{ProgressOptions.SectionName}:{nameof(AllowedOrigins)} holds '{origin}'; write scheme and host, such as 'https://app.example.com'.");
        }

        if (errors.Count > 0)
            throw new Microsoft.Extensions.Options.OptionsValidationException(nameof(ProgressStreamOptions), typeof(ProgressStreamOptions), errors);
    }
}
