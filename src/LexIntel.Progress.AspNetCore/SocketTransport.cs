using System.Net.WebSockets;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>A WebSocket: text messages with the same JSON objects; what is not a state says its name in <c>event</c>. The client may change what it watches.</summary>
internal sealed class SocketTransport(WebSocket socket, Mailbox mailbox, StreamGuard guard, OpenStreams streams, CancellationToken left) : IStreamTransport
{
    private const int MostFrames = 64;

    private readonly Dictionary<Subject, Watch> _watches = [];
    private readonly Queue<Frame> _frames = new();
    private readonly Signal _taken = new();
    private SocketCommand? _command;
    private Queue<KeyValuePair<Subject, ProgressRevision?>>? _wanted;

    public bool IsFull => _frames.Count >= MostFrames;

    public string Name => "websocket";

    public bool EndsWithDocuments => false;

    public CancellationToken Left => left;

    /// <summary>Why the stream ended, for the closing frame.</summary>
    public string? ByeReason { get; private set; }

    /// <summary>Hands a command to the stream's loop and waits until it was done: a client that sends faster than it reads waits, too.</summary>
    public ValueTask ExecuteAsync(SocketCommand command)
    {
        Volatile.Write(ref _command, command);
        mailbox.Wake();
        return _taken.WaitAsync();
    }

    /// <summary>Lets go of a command that nobody will execute any more.</summary>
    public void Release() => _taken.Set();

    public async ValueTask TakeCommandsAsync()
    {
        if (Volatile.Read(ref _command) is not { } command)
            return;
        _wanted ??= Begin(command);
        if (_wanted.TryDequeue(out var next))
        {
            // One a turn: many slow checks must hold back neither heartbeats nor what is watched already.
            await JoinAsync(next.Key, next.Value).ConfigureAwait(false);
            mailbox.Wake();
            return;
        }

        if (command.Ping is { } number)
            WriteEvent(StreamEvent.Pong(number));
        _wanted = null;
        Volatile.Write(ref _command, null);
        _taken.Set();
    }

    public void Forget(Watch watch) => _watches.Remove(watch.Topic.Subject);

    // The same bytes as in Server-Sent Events, and as there a state of a document has no name.
    public void WriteState(State state, bool full)
    {
        var json = state.Json(full);
        state.Hold();
        _frames.Enqueue(new(state.Subject.IsBatch ? StreamEvent.NamedJson(StreamEvent.Batch, json.Span) : json, state));
    }

    public void WriteEvent(StreamEvent streamEvent) => _frames.Enqueue(new(streamEvent.ToNamedJson(), State: null));

    public void WriteRetry(TimeSpan delay)
    {
        // There is no such field; a client of a WebSocket decides for itself, unless it is told with the bye.
    }

    public void WriteBye(string reason, TimeSpan delay)
    {
        WriteEvent(StreamEvent.Bye(reason, delay));
        ByeReason = reason;
    }

    public void WriteEnd(ProgressRevision? newest) => throw new InvalidOperationException("A WebSocket does not end with its documents. This is a defect, please report it.");

    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_frames.TryDequeue(out var frame))
            {
                await socket.SendAsync(frame.Bytes, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellationToken).ConfigureAwait(false);
                frame.State?.Release();
            }

            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            socket.Abort();
            return false;
        }
    }

    /// <summary>Does what needs no check. What is left of the command: the documents and batches to join.</summary>
    private Queue<KeyValuePair<Subject, ProgressRevision?>> Begin(SocketCommand command)
    {
        if (command.Problem is { } problem)
            WriteEvent(StreamEvent.Error(problem, command.Retry));
        foreach (var subject in command.Unwatch ?? [])
            Leave(subject);

        var wanted = command.Watch ?? [];
        var count = _watches.Count + wanted.Keys.Count(subject => !_watches.ContainsKey(subject));
        if (count <= streams.Options.MaxDocumentsPerStream)
            return new(wanted);
        WriteEvent(StreamEvent.Error(WatchList.TooMany(count, streams.Options.MaxDocumentsPerStream), retry: null));
        return new();
    }

    private async ValueTask JoinAsync(Subject subject, ProgressRevision? after)
    {
        // Watched anew, with what the client says that it has now.
        Leave(subject);
        if (await guard.AdmitAsync(subject, isOpen: true).ConfigureAwait(false) is { } denial)
            WriteEvent(StreamEvent.Denied(subject, denial.Status));
        else
            _watches[subject] = streams.Hub.Join(subject, mailbox, after);
    }

    private void Leave(Subject subject)
    {
        if (!_watches.Remove(subject, out var watch))
            return;
        watch.Dispose();
        guard.Release(subject);
    }

    /// <summary>What waits to be sent, and the state whose bytes it is.</summary>
    private readonly record struct Frame(ReadOnlyMemory<byte> Bytes, State? State);
}
