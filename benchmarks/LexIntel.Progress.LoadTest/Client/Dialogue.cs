using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>What a client of one protocol says and hears, besides the states, which are found by their stamps whatever the protocol.</summary>
internal abstract class Dialogue
{
    /// <summary>How many clients share one connection.</summary>
    public virtual int StreamsPerConnection => 1;

    /// <summary>What to send on a new connection; empty: nothing yet.</summary>
    public abstract byte[] Begin(LoadClient client, Connection connection);

    /// <summary>Bytes came.</summary>
    /// <param name="client">The client.</param>
    /// <param name="connection">Where they came.</param>
    /// <param name="bytes">What was kept of the bytes before, and the new ones.</param>
    /// <param name="kept">How many are not new.</param>
    public virtual void Read(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes, int kept)
    {
        client.FindStates(connection, bytes, Stamp.Now);
        Receive(client, connection, bytes[kept..]);
    }

    /// <summary>Looks at what came: completes the opening, answers what must be answered.</summary>
    public abstract void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes);

    /// <summary>The time that was asked for with <see cref="LoadClient.Schedule"/> has come.</summary>
    public virtual void Due(LoadClient client, Connection connection)
    {
    }

    /// <summary>The first line of an answer, for those who ask why it was not the right one.</summary>
    protected static string FirstLine(ReadOnlySpan<byte> answer) =>
        $"answered {Encoding.ASCII.GetString(answer[..Math.Min(answer.Length, 80)]).Split('\r')[0]}";

    /// <param name="name"><c>sse</c>, <c>poll</c> and so on.</param>
    /// <param name="path">The path, with <c>{0}</c> for the document.</param>
    /// <param name="interval">The pause between polls.</param>
    public static Dialogue Create(string name, string path, TimeSpan interval) => name switch
    {
        "sse" => new SseDialogue(path),
        "sse-http2" => new Http2Dialogue(path),
        "poll" => new PollDialogue(path, interval),
        "long-poll" => new PollDialogue(path, TimeSpan.Zero),
        "signalr-sse" => new SignalRSseDialogue(path),
        "websocket" => new WebSocketDialogue(path, WebSocketManners.LexIntel),
        "signalr" => new WebSocketDialogue(path, WebSocketManners.SignalR),
        "socket.io" => new WebSocketDialogue(path, WebSocketManners.SocketIo),
        _ => throw new ArgumentException($"There is no dialogue '{name}'."),
    };
}
