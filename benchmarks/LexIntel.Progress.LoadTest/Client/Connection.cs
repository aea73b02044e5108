namespace LexIntel.Progress.LoadTest.Client;

/// <summary>One client's connection, and what it has seen.</summary>
internal sealed class Connection(int index, string documentId)
{
    public int Index { get; } = index;

    public string DocumentId { get; } = documentId;

    /// <summary>The socket; negative while there is none.</summary>
    public int Socket { get; set; } = -1;

    public ConnectionStage Stage { get; set; }

    /// <summary>What the dialogue remembers of this connection.</summary>
    public int Step { get; set; }

    /// <summary>Text that the dialogue remembers of this connection: an entity tag, a session.</summary>
    public string? Note { get; set; }

    /// <summary>The end of what was read, when it may be the beginning of a stamp or is the beginning of a frame.</summary>
    public byte[] Rest { get; set; } = [];

    /// <summary>The newest state it has shown.</summary>
    public Stamp Newest { get; set; }

    /// <summary>When it read that.</summary>
    public long ReadAt { get; set; }

    /// <summary>Whether it has seen a state since it was opened.</summary>
    public bool HasState { get; set; }

    public uint SegmentsBefore { get; set; }

    /// <summary>The streams it carries, each with its own document; none when it is a stream itself.</summary>
    public Connection[] Streams { get; init; } = [];
}

/// <summary>How far a connection is.</summary>
internal enum ConnectionStage
{
    Closed,
    Connecting,
    Opening,
    Open,
    Failed,
}
