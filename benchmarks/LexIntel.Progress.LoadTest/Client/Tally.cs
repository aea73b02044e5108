namespace LexIntel.Progress.LoadTest.Client;

/// <summary>What one client process has seen since it was told to count. Those of several processes add up.</summary>
internal sealed class Tally
{
    /// <summary>States that were read.</summary>
    public long States { get; set; }

    /// <summary>States that were never read because a newer one came first.</summary>
    public long Skipped { get; set; }

    /// <summary>States that were older than one read before on the same connection.</summary>
    public long Backwards { get; set; }

    public long Bytes { get; set; }

    /// <summary>Reads of a socket that gave bytes.</summary>
    public long Reads { get; set; }

    /// <summary>Segments with data, as the kernel counts them: below one per state, states have travelled together, and were old when they came.</summary>
    public long Segments { get; set; }

    /// <summary>From the publisher's call until this document's client had that state or a newer one; so it holds the skipped ones, too.</summary>
    public Histogram Latency { get; init; } = new();

    /// <summary>The age of the newest state in each read.</summary>
    public Histogram Staleness { get; init; } = new();

    /// <summary>Integral over time and connections of the age of what a client shows, in seconds².</summary>
    public double ShownAge { get; set; }

    /// <summary>The time that integral covers, summed over connections, in seconds.</summary>
    public double ShownTime { get; set; }

    /// <summary>Connections that are open now.</summary>
    public int Open { get; set; }

    /// <summary>Connections that broke, and why.</summary>
    public Dictionary<string, int> Failures { get; init; } = [];

    public void Add(Tally other)
    {
        States += other.States;
        Skipped += other.Skipped;
        Backwards += other.Backwards;
        Bytes += other.Bytes;
        Reads += other.Reads;
        Segments += other.Segments;
        Latency.Add(other.Latency);
        Staleness.Add(other.Staleness);
        ShownAge += other.ShownAge;
        ShownTime += other.ShownTime;
        Open += other.Open;
        foreach (var (reason, count) in other.Failures)
            Failures[reason] = Failures.GetValueOrDefault(reason) + count;
    }

    /// <summary>A state came.</summary>
    /// <param name="connection">Who read it.</param>
    /// <param name="stamp">The state's.</param>
    /// <param name="now">When.</param>
    /// <param name="period">The time between two states of one document, to know the age of those that were skipped.</param>
    public void Count(Connection connection, Stamp stamp, long now, long period)
    {
        States++;
        var newest = connection.Newest;
        if (stamp.Number <= newest.Number)
        {
            if (stamp.Number < newest.Number)
                Backwards++;
            return;
        }

        var skipped = newest.Number > 0 ? stamp.Number - newest.Number - 1 : 0;
        Skipped += skipped;
        for (var i = 0; i <= skipped; i++)
            Latency.Add(now - stamp.At + (i * period));
        if (newest.Number > 0 && now > connection.ReadAt)
        {
            var (from, to) = ((connection.ReadAt - newest.At) / 1e9, (now - newest.At) / 1e9);
            ShownAge += ((to * to) - (from * from)) / 2;
            ShownTime += to - from;
        }

        connection.Newest = stamp;
        connection.ReadAt = now;
    }
}
