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
        if (Interlocked.Exchange(ref _command, null) is not { } command)
            return;
        try
        {
            await DoAsync(command).ConfigureAwait(false);
        }
        finally
        {
            _taken.Set();
        }
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

    private async ValueTask DoAsync(SocketCommand command)
    {
        if (command.Problem is { } problem)
        {
            WriteEvent(StreamEvent.Error(problem, command.Retry));
            return;
        }

        foreach (var subject in command.Unwatch ?? [])
            Leave(subject);

        if (command.Watch is { } wanted)
            await JoinAsync(wanted).ConfigureAwait(false);
        if (command.Ping is { } number)
            WriteEvent(StreamEvent.Pong(number));
    }

    private async ValueTask JoinAsync(Dictionary<Subject, ProgressRevision?> wanted)
    {
        var more = wanted.Keys.Count(subject => !_watches.ContainsKey(subject));
        if (_watches.Count + more > streams.Options.MaxDocumentsPerStream)
        {
            WriteEvent(StreamEvent.Error(WatchList.TooMany(_watches.Count + more, streams.Options.MaxDocumentsPerStream), retry: null));
            return;
        }

        foreach (var (subject, after) in wanted)
        {
            // Watched anew, with what the client says that it has now.
            Leave(subject);
            if (await guard.AdmitAsync(subject, isOpen: true).ConfigureAwait(false) is { } denial)
                WriteEvent(StreamEvent.Denied(subject, denial.Status));
            else
                _watches[subject] = streams.Hub.Join(subject, mailbox, after);
        }
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
