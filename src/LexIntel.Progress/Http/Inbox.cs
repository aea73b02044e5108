using System.Net;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>
/// What a reader over HTTP has not taken yet: at most the newest state of each document it watches. Streams and polls offer what they
/// hear; the newest wins, whoever tells it.
/// </summary>
internal sealed class Inbox
{
    /// <summary>As many as a host takes on one stream unless it is set to less.</summary>
    private const int MostPerGroup = 1_000;

    private readonly Lock _gate = new();
    private readonly Signal _signal = new();
    private readonly Dictionary<Subject, RemoteDocument> _documents;
    private readonly Queue<RemoteDocument> _pending = new();
    private ProgressRefusedException? _refusal;
    private volatile bool _isClosed;

    public Inbox(IReadOnlyCollection<Subject> subjects, ProgressRevision? after)
    {
        _documents = new(subjects.Count);
        foreach (var chunk in subjects.Chunk(MostPerGroup))
        {
            var group = new RemoteGroup { OpenCount = chunk.Length };
            foreach (var subject in chunk)
                group.Documents.Add(_documents[subject] = new(subject, after, group));
            Groups.Add(group);
        }
    }

    /// <summary>The documents, by the streams they travel on.</summary>
    public List<RemoteGroup> Groups { get; } = [];

    /// <summary>Whether nobody will put anything in any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether all documents are over and the reader has taken all there was.</summary>
    public bool IsExhausted
    {
        get
        {
            lock (_gate)
                return _pending.Count == 0 && Groups.TrueForAll(group => group.OpenCount == 0);
        }
    }

    public ValueTask WaitAsync() => _signal.WaitAsync();

    public void Wake() => _signal.Set();

    /// <summary>Nobody will put anything in any more.</summary>
    public void Close()
    {
        _isClosed = true;
        _signal.Set();
    }

    public bool TryTake(out State state)
    {
        lock (_gate)
        {
            if (_pending.TryDequeue(out var document))
            {
                if (document.Take(out state))
                    _pending.Enqueue(document);
                return true;
            }
        }

        state = null!;
        return false;
    }

    /// <exception cref="ProgressRefusedException">The host refused one of the documents.</exception>
    public void ThrowIfRefused()
    {
        lock (_gate)
        {
            if (_refusal is { } refusal)
                throw refusal;
        }
    }

    /// <summary>Whether nothing more will come of a group.</summary>
    public bool IsOver(RemoteGroup group)
    {
        lock (_gate)
            return group.OpenCount == 0;
    }

    /// <summary>The documents of a group that something may still come of, each with the newest revision that is known of it.</summary>
    public List<(Subject Subject, ProgressRevision? Last)> Open(RemoteGroup group)
    {
        lock (_gate)
            return [.. group.Documents.Where(document => !document.IsOver).Select(document => (document.Subject, document.Last))];
    }

    /// <summary>A host tells a state.</summary>
    /// <param name="fields">The state.</param>
    /// <param name="isRecord">Whether it comes from the host's database, not from whoever works on the document.</param>
    public void Offer(in StateFields fields, bool isRecord)
    {
        lock (_gate)
        {
            if (!_documents.TryGetValue(fields.Subject, out var document) || document.IsOver)
                return;
            if (document.Offer(fields, isRecord, out var isEnd))
                _pending.Enqueue(document);
            if (isEnd)
                EndUnsynchronized(document);
        }

        _signal.Set();
    }

    /// <summary>The host refuses to tell more of one document. <see langword="false"/> when it may have changed its mind: it has not heard a fresh token yet.</summary>
    public bool Refuse(Subject subject, ProgressRefusedException refusal, bool isFresh)
    {
        lock (_gate)
        {
            if (!_documents.TryGetValue(subject, out var document) || document.IsOver)
                return true;
            if (!isFresh && refusal.StatusCode == HttpStatusCode.Unauthorized && !document.NeedsFreshToken)
            {
                document.NeedsFreshToken = true;
                return false;
            }

            _refusal ??= refusal;
            EndUnsynchronized(document);
            return true;
        }
    }

    /// <summary>The host tells nothing of a document for the moment: a limit is reached, or it cannot be decided who may see it.</summary>
    public void PutOff(Subject subject)
    {
        lock (_gate)
        {
            if (_documents.TryGetValue(subject, out var document))
                document.IsPutOff = true;
        }
    }

    /// <summary>The host says that nothing more will come on the stream of a group: those that were put off are asked for again.</summary>
    public void Finish(RemoteGroup group)
    {
        lock (_gate)
        {
            foreach (var document in group.Documents)
            {
                if (!document.IsPutOff)
                    EndUnsynchronized(document);
                document.IsPutOff = false;
            }
        }
    }

    private static void EndUnsynchronized(RemoteDocument document)
    {
        if (document.IsOver)
            return;
        document.IsOver = true;
        document.Group.OpenCount--;
    }
}
