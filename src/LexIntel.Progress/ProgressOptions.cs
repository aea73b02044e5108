namespace LexIntel.Progress;

/// <summary>Settings of the library. Bound from configuration section <c>LexIntel:Progress</c>, checked when the host starts.</summary>
public sealed class ProgressOptions
{
    /// <summary>The configuration section: <c>LexIntel:Progress</c>.</summary>
    public const string SectionName = "LexIntel:Progress";

    /// <summary>The shortest time between two updates of one document that a publisher sends.</summary>
    /// <value>From zero (as fast as the backplane takes them) to one minute. Default: 100 milliseconds.</value>
    /// <remarks>The first update after a pause, a change of step and a terminal state do not wait.</remarks>
    public TimeSpan PublishInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest time between two aggregates of one batch that a publisher sends.</summary>
    /// <value>From zero (as fast as the backplane takes them) to one minute. Default: 250 milliseconds.</value>
    /// <remarks>What finishes the batch does not wait.</remarks>
    public TimeSpan BatchInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many documents may wait in the outbox of this process, and how many members of batches it remembers after they are stored.</summary>
    /// <value>From 1 to 10,000,000. Default: 100,000.</value>
    /// <remarks>Beyond it, a state that is not terminal is dropped before one that is; each drop is counted and logged with the document's id.</remarks>
    public int OutboxCapacity { get; set; } = 100_000;

    /// <summary>How long the last state of a document is kept after its last change.</summary>
    /// <value>From one minute to 365 days. Default: 24 hours.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a tracked job may give no sign of life before its document counts as stalled. It is renewed three times as often.</summary>
    /// <value>From 3 seconds to 10 minutes. Default: 15 seconds.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After how long without a newer stored state a watched document is read again, so that a lost message cannot hide the truth for longer. One whose job is
    /// running is read after half of its lease at the latest, so that the death of its worker shows.
    /// </summary>
    /// <value>From 100 milliseconds to 5 minutes. Default: 5 seconds.</value>
    public TimeSpan QuietInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a document stays subscribed after its last reader left, for the reader that comes right back.</summary>
    /// <value>From zero (not at all) to 10 minutes. Default: 5 seconds.</value>
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one call to the backplane or the snapshot source may take before it counts as failed.</summary>
    /// <value>From 100 milliseconds to one minute. Default: 5 seconds.</value>
    public TimeSpan BackplaneTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the outbox may take to send what is left when the host stops.</summary>
    /// <value>From zero (do not wait) to 5 minutes. Default: 5 seconds.</value>
    public TimeSpan ShutdownFlush { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What every Redis key and channel begins with. Two environments on one server need different prefixes: channels ignore the database number.</summary>
    /// <value>At most 64 characters, no control characters. Default: empty.</value>
    public string Prefix { get; set; } = "";

    /// <summary>Whether states are published on sharded channels (<c>SPUBLISH</c>), so that in a Redis Cluster a message goes to the nodes of its slot and not to all.</summary>
    /// <value>Default: <see langword="false"/>. The same in every process of a system.</value>
    /// <remarks>Messages of programs that only <c>PUBLISH</c> are not seen then. Needs Redis 7.0 or newer. Without effect in process.</remarks>
    public bool ShardedChannels { get; set; }

    /// <summary>Whether this process reads and subscribes at a replica where there is one, for a backend that is far from the master. What it publishes goes to the master all the same.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    /// <remarks>
    /// Readers see what the replica has. Name the near replica in the connection; of several that are named any may be taken. Set
    /// <c>replica-serve-stale-data no</c> there, so that a replica that has lost its master counts as degraded rather than its documents as stalled.
    /// </remarks>
    public bool ReadFromReplica { get; set; }
}
