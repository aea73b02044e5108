using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>How a stream's words reach its client. Only the stream's own loop calls it.</summary>
internal interface IStreamTransport
{
    /// <summary>Its name in metrics and traces.</summary>
    string Name { get; }

    /// <summary>Whether so much is written that it should be flushed before more is taken from the mailbox, where newer states replace older ones.</summary>
    bool IsFull { get; }

    /// <summary>Whether the stream is over when all its documents are, because the client cannot ask for more.</summary>
    bool EndsWithDocuments { get; }

    /// <summary>Fires when the client has left.</summary>
    CancellationToken Left { get; }

    /// <summary>Does what the client has asked for meanwhile.</summary>
    ValueTask TakeCommandsAsync();

    /// <summary>Nothing more comes of a document.</summary>
    void Forget(Watch watch);

    void WriteState(State state, bool full);

    void WriteEvent(StreamEvent streamEvent);

    /// <summary>After how long a client comes back when the stream breaks.</summary>
    void WriteRetry(TimeSpan delay);

    /// <summary>The stream ends although its documents do not: come back after a while.</summary>
    void WriteBye(string reason, TimeSpan delay);

    /// <summary>All documents are finished: do not come back.</summary>
    void WriteEnd(ProgressRevision? newest);

    /// <summary>Hands the bytes to the socket; waits while the client does not read. <see langword="false"/> when there is nobody to read.</summary>
    ValueTask<bool> FlushAsync(CancellationToken cancellationToken);
}
