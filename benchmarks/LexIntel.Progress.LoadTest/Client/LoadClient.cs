namespace LexIntel.Progress.LoadTest.Client;

/// <summary>
/// Thousands of clients on one thread: an event loop, one buffer, no task and no buffer per connection. It opens a bounded number at a
/// time, so that the server's queue of new connections does not overflow and the kernel's retry of a second is not measured.
/// </summary>
internal sealed class LoadClient(Dialogue dialogue, int port, byte sourceAddress, TimeSpan period) : IDisposable
{
    /// <summary>Streams; those of one connection are asked for together.</summary>
    private const int MostOpening = 256;
    private const int AsideToken = -1;
    private const int BufferBytes = 256 * 1024;
    private static readonly long OpeningLimit = 30_000_000_000;

    private readonly Poller _poller = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly PriorityQueue<Connection, long> _later = new();
    private readonly Queue<Connection> _toOpen = new();
    private readonly long _period = (long)period.TotalNanoseconds;
    private Connection[] _connections = [];
    private int _opening;
    private int _withoutState;
    private int _aside = -1;
    private long _openedAt;
    private Tally _tally = new();

    /// <summary>Connections that wait to be opened or are being opened.</summary>
    public int Pending => _toOpen.Count + _opening;

    /// <summary>Connections that are open.</summary>
    public int OpenCount => _connections.Where(static connection => connection.Stage == ConnectionStage.Open).Sum(Weight);

    /// <summary>Connections that have seen no state yet.</summary>
    public int WithoutState => _withoutState;

    public Dictionary<string, int> Failures => _tally.Failures;

    public void Open(IEnumerable<string> documentIds)
    {
        _connections = dialogue.StreamsPerConnection == 1
            ? [.. documentIds.Select(static (id, index) => new Connection(index, id))]
            : [.. documentIds.Chunk(dialogue.StreamsPerConnection).Select(static (ids, index) =>
                new Connection(index, ids[0]) { Streams = [.. ids.Select(static (id, stream) => new Connection(stream, id))] })];
        Reopen();
    }

    /// <summary>Closes all connections and opens them again, at once.</summary>
    public void Reopen()
    {
        Close();
        foreach (var connection in _connections)
        {
            (connection.HasState, connection.Step, connection.Rest) = (false, 0, []);
            foreach (var stream in connection.Streams)
                (stream.HasState, stream.Step, stream.Rest, stream.Stage) = (false, 0, [], ConnectionStage.Closed);
            _toOpen.Enqueue(connection);
        }

        _withoutState = _connections.Sum(Weight);
        _openedAt = Stamp.Now;
    }

    public void Close()
    {
        foreach (var connection in _connections)
            Drop(connection, ConnectionStage.Closed);
        _later.Clear();
        _toOpen.Clear();
        _opening = 0;
    }

    /// <summary>Begins to count anew.</summary>
    public void Reset()
    {
        _tally = new();
        foreach (var connection in _connections)
        {
            (connection.Newest, connection.ReadAt) = (default, 0);
            foreach (var stream in connection.Streams)
                (stream.Newest, stream.ReadAt) = (default, 0);
            if (connection.Socket >= 0)
                connection.SegmentsBefore = Socket.SegmentsReceived(connection.Socket);
        }
    }

    public Tally Take()
    {
        foreach (var connection in _connections)
        {
            if (connection.Socket >= 0)
                _tally.Segments += Socket.SegmentsReceived(connection.Socket) - connection.SegmentsBefore;
        }

        _tally.Open = OpenCount;
        return _tally;
    }

    /// <summary>Does what there is to do, and returns after at most the given time.</summary>
    public void Turn(int milliseconds)
    {
        OpenMore();
        while (_later.TryPeek(out var connection, out var at) && at <= Stamp.Now)
        {
            _later.Dequeue();
            if (connection.Stage is ConnectionStage.Open or ConnectionStage.Opening)
                dialogue.Due(this, connection);
        }

        var count = _poller.Wait(_later.Count > 0 ? Math.Min(milliseconds, 1) : milliseconds);
        for (var i = 0; i < count; i++)
        {
            var (events, token) = _poller[i];
            if (token == AsideToken)
            {
                _ = Socket.Receive(_aside, _buffer);
                continue;
            }

            var connection = _connections[token];
            if (connection.Stage == ConnectionStage.Connecting)
                Connected(connection);
            else if (connection.Socket >= 0 && events != 0)
                Read(connection);
        }
    }

    public void Opened(Connection connection)
    {
        if (connection.Stage != ConnectionStage.Opening)
            return;
        connection.Stage = ConnectionStage.Open;
        _opening--;
    }

    public void Fail(Connection connection, string reason)
    {
        if (connection.Stage is ConnectionStage.Connecting or ConnectionStage.Opening)
            _opening--;
        _withoutState -= connection.Streams.Length > 0 ? connection.Streams.Count(static stream => !stream.HasState) : connection.HasState ? 0 : 1;
        Drop(connection, ConnectionStage.Failed);
        CountFailure(reason, Weight(connection));
    }

    public void CountFailure(string reason, int count) => _tally.Failures[reason] = _tally.Failures.GetValueOrDefault(reason) + count;

    public void Send(Connection connection, ReadOnlySpan<byte> bytes)
    {
        var sent = Socket.Send(connection.Socket, bytes);
        if (sent != bytes.Length)
            Fail(connection, sent < 0 ? $"sending failed with error {-sent}" : "the server does not read");
    }

    /// <summary>Sends on a connection of its own that all clients share; what comes back is read and thrown away.</summary>
    public void SendAside(ReadOnlySpan<byte> bytes)
    {
        if (_aside < 0)
        {
            _aside = Socket.Connect(sourceAddress, port);
            _poller.Watch(_aside, Poller.Readable, AsideToken);
        }

        // A server that is a moment behind with them is waited for: they are few.
        for (var tries = 0; bytes.Length > 0 && tries < 1_000; tries++)
        {
            var sent = Socket.Send(_aside, bytes);
            if (sent > 0)
                bytes = bytes[sent..];
            else
                Thread.Sleep(1);
        }
    }

    /// <summary>Calls <see cref="Dialogue.Due"/> after the given time.</summary>
    public void Schedule(Connection connection, TimeSpan delay) => _later.Enqueue(connection, Stamp.Now + (long)delay.TotalNanoseconds);

    /// <summary>Counts the states in what came, and keeps what may be the beginning of another.</summary>
    public void FindStates(Connection connection, ReadOnlySpan<byte> bytes, long now)
    {
        var before = connection.Newest;
        int consumed;
        while (Stamp.TryFind(bytes, out var stamp, out consumed))
        {
            bytes = bytes[consumed..];
            if (!connection.HasState)
                _withoutState--;
            connection.HasState = true;
            _tally.Count(connection, stamp, now, _period);
        }

        connection.Rest = bytes.Length == consumed ? [] : bytes[consumed..].ToArray();
        if (connection.Newest != before)
            _tally.Staleness.Add(now - connection.Newest.At);
    }

    public void Dispose()
    {
        Close();
        if (_aside >= 0)
            Socket.Close(_aside);
        _poller.Dispose();
    }

    private void OpenMore()
    {
        while (_opening * dialogue.StreamsPerConnection < MostOpening && _toOpen.TryDequeue(out var connection))
        {
            var socket = Socket.Connect(sourceAddress, port);
            if (socket < 0)
            {
                Fail(connection, $"connecting failed with error {-socket}");
                continue;
            }

            connection.Socket = socket;
            connection.Stage = ConnectionStage.Connecting;
            _opening++;
            _poller.Watch(socket, Poller.Writable, connection.Index);
        }

        if (_opening > 0 && Stamp.Now - _openedAt > OpeningLimit + ((long)_connections.Length * 1_000_000))
        {
            foreach (var connection in _connections.Where(static connection => connection.Stage is ConnectionStage.Connecting or ConnectionStage.Opening))
                Fail(connection, connection.Stage == ConnectionStage.Connecting ? "was not accepted in time" : "was not answered in time");
        }
    }

    private void Connected(Connection connection)
    {
        if (Socket.PendingError(connection.Socket) is not 0 and var error)
        {
            Fail(connection, $"connecting failed with error {error}");
            return;
        }

        connection.Stage = ConnectionStage.Opening;
        _poller.Change(connection.Socket, Poller.Readable, connection.Index);
        if (dialogue.Begin(this, connection) is { Length: > 0 } bytes)
            Send(connection, bytes);
    }

    private void Read(Connection connection)
    {
        var rest = connection.Rest.Length;
        connection.Rest.CopyTo(_buffer.AsSpan());
        var count = Socket.Receive(connection.Socket, _buffer.AsSpan(rest));
        if (count <= 0)
        {
            if (count != -Socket.WouldBlock)
                Fail(connection, count == 0 ? "the server closed the connection" : $"reading failed with error {-count}");
            return;
        }

        _tally.Reads++;
        _tally.Bytes += count;
        dialogue.Read(this, connection, _buffer.AsSpan(0, rest + count), rest);
    }

    private static int Weight(Connection connection) => Math.Max(connection.Streams.Length, 1);

    private static void Drop(Connection connection, ConnectionStage stage)
    {
        if (connection.Socket >= 0)
            Socket.Close(connection.Socket);
        (connection.Socket, connection.Stage) = (-1, stage);
    }
}
