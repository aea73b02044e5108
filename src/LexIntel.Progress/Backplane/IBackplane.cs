namespace LexIntel.Progress.Backplane;

/// <summary>
/// Where publishers and readers meet. A call that throws has an unknown outcome: it may have happened, may happen later, or never. The
/// rules of offers make it safe to offer again. Every implementation passes the same contract tests.
/// </summary>
internal interface IBackplane
{
    /// <summary>The most offers that one call should carry. May grow when the store turns out to have several servers, which share them.</summary>
    int GroupSize { get; }

    /// <summary>The most documents and batches that one read should ask for.</summary>
    int ReadSize { get; }

    /// <summary>Offers states. Each is taken if it is newer than what is stored, and then published; its result is set either way.</summary>
    Task OfferAsync(OfferGroup group, CancellationToken cancellationToken);

    /// <summary>Reads stored states; <see langword="null"/> where nothing is stored.</summary>
    /// <param name="questions">What is wanted of which document or batch.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken);

    /// <summary>Delivers the messages of a document or batch until the result is disposed; for their order, see there.</summary>
    /// <param name="subject">The document or batch.</param>
    /// <param name="receiver">Who gets them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Whether messages leave this process, so that they can be lost on the way.</summary>
    bool IsRemote { get; }

    /// <summary>
    /// Sends a state of its own the whole way, through the store and pub/sub back to a subscription, and reads and renews it. So everything
    /// that is needed is used once. Throws when something fails, or the message does not arrive before the token is cancelled.
    /// </summary>
    /// <param name="isReader">Whether this process reads. One that only publishes needs no right to subscribe and read: its state goes half of the way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BackplaneUnsupportedException">The backplane answers, and cannot do what is needed.</exception>
    Task ProbeAsync(bool isReader, CancellationToken cancellationToken);

    /// <summary>A connection was lost and is back: messages may be missing, and the store may have forgotten.</summary>
    event Action? Restored;
}

/// <summary>Who gets the messages of a document or batch. An interface, because a delegate would be one object more for each that is watched.</summary>
internal interface IReceiver
{
    /// <summary>A message came. Must return quickly and never throw. Several threads may call it at once.</summary>
    void Receive(ReadOnlyMemory<byte> message);
}

/// <summary>What a reader wants to know of one document or batch.</summary>
/// <param name="Subject">The document or batch.</param>
/// <param name="Known">The revision whose state the reader has already and does not need again; <see langword="null"/> when there is none.</param>
/// <param name="NeedsLife">Whether it wants to know when the state's life was prolonged last, which costs two commands more.</param>
internal readonly record struct Question(Subject Subject, ProgressRevision? Known = null, bool NeedsLife = true);

/// <summary>A stored snapshot. A backplane that knows more than it was asked may say it.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="Json">The state in full form; empty when the reader has it already.</param>
/// <param name="Beat">Grows by the time that passes from one prolongation of the state's life to the next, by the store's clock; compare it with others of the same state only. <see langword="null"/> when it was not asked for.</param>
/// <param name="Life">How long the state will still live by the store's clock; <see langword="null"/> when it was not asked for.</param>
internal readonly record struct StoredState(ProgressRevision Revision, ReadOnlyMemory<byte> Json, TimeSpan? Beat = null, TimeSpan? Life = null);
