namespace LexIntel.Progress;

/// <summary>
/// Settings of the subscriber that reads over HTTP. Bound from configuration section <c>LexIntel:Progress:Client</c>, checked when the host starts.
/// </summary>
public sealed class ProgressClientOptions
{
    /// <summary>The configuration section: <c>LexIntel:Progress:Client</c>.</summary>
    public const string SectionName = ProgressOptions.SectionName + ":Client";

    /// <summary>Where the host that serves progress answers, such as <c>https://api.example.com</c>. A path in it stands before <see cref="Prefix"/>.</summary>
    /// <value>An absolute address without query and fragment. Default: what was passed to <c>AddLexIntelProgressClient()</c>.</value>
    public Uri? BaseAddress { get; set; }

    /// <summary>Where the endpoints stand on that host: what the host passes to <c>MapProgressStream()</c>.</summary>
    /// <value>Empty, or a path that begins with a slash. Default: <c>/progress</c>.</value>
    public string Prefix { get; set; } = "/progress";

    /// <summary>
    /// After how much silence the host sends a heartbeat: its own setting of that name. An answer that is silent for longer than twice this
    /// is given up, and another is asked for.
    /// </summary>
    /// <value>From 100 milliseconds to 5 minutes. Default: 15 seconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How often the state is asked for by plain GET while it cannot be streamed. A single document or batch is asked for by long poll, and is
    /// heard of as news happen, unless long polls fail as well.
    /// </summary>
    /// <value>From 100 milliseconds to 5 minutes. Default: 3 seconds.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Within how long a stream that broke is asked for again the first time. The time is random; it doubles with each failure, up to <see cref="RetryMax"/>, and comes on top of what the host asks for.</summary>
    /// <value>From 10 milliseconds to <see cref="RetryMax"/>. Default: 1 second.</value>
    public TimeSpan RetryMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Within how long a stream is asked for again at most, however often that failed.</summary>
    /// <value>From <see cref="RetryMin"/> to 5 minutes. Default: 30 seconds.</value>
    public TimeSpan RetryMax { get; set; } = TimeSpan.FromSeconds(30);
}
