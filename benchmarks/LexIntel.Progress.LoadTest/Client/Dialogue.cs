namespace LexIntel.Progress.LoadTest.Client;

/// <summary>What a client of one protocol says and hears, besides the states, which are found by their stamps whatever the protocol.</summary>
internal abstract class Dialogue
{
    /// <summary>What to send on a new connection.</summary>
    public abstract byte[] Begin(Connection connection);

    /// <summary>Looks at what came: completes the opening, answers what must be answered.</summary>
    public abstract void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes);

    /// <summary>The time that was asked for with <see cref="LoadClient.Schedule"/> has come.</summary>
    public virtual void Due(LoadClient client, Connection connection)
    {
    }

    /// <param name="name"><c>sse</c>, <c>poll</c> and so on.</param>
    /// <param name="path">The path, with <c>{0}</c> for the document.</param>
    /// <param name="interval">The pause between polls.</param>
    public static Dialogue Create(string name, string path, TimeSpan interval) => name switch
    {
        "sse" => new SseDialogue(path),
        "poll" => new PollDialogue(path, interval),
        "long-poll" => new PollDialogue(path, TimeSpan.Zero),
        "signalr-sse" => new SignalRSseDialogue(path),
        "websocket" => new WebSocketDialogue(path, WebSocketManners.LexIntel),
        "signalr" => new WebSocketDialogue(path, WebSocketManners.SignalR),
        "socket.io" => new WebSocketDialogue(path, WebSocketManners.SocketIo),
        _ => throw new ArgumentException($"There is no dialogue '{name}'."),
    };
}
