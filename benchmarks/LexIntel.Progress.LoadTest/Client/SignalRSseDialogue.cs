using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>
/// SignalR over Server-Sent Events: negotiate, open the stream, and say everything by POST, which here goes over one connection that all
/// clients of the process share.
/// </summary>
internal sealed class SignalRSseDialogue(string path) : Dialogue
{
    private const string Hello = "{\"protocol\":\"json\",\"version\":1}\u001e";
    private const string Ping = "{\"type\":6}\u001e";
    private const int Negotiating = 0;
    private const int Streaming = 1;
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    private readonly CompositeFormat _negotiate = CompositeFormat.Parse(
        $"POST {path.Replace("?", "/negotiate?negotiateVersion=1&", StringComparison.Ordinal)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");

    private readonly string _hub = path[..path.IndexOf('?', StringComparison.Ordinal)];

    public override byte[] Begin(LoadClient client, Connection connection) => Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, _negotiate, connection.DocumentId));

    public override void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes)
    {
        if (connection.Stage == ConnectionStage.Open)
            return;
        if (connection.Step == Negotiating)
        {
            var name = "\"connectionToken\":\""u8;
            if (bytes.IndexOf(name) is not (>= 0 and var start))
            {
                client.Fail(connection, FirstLine(bytes));
                return;
            }

            var token = bytes[(start + name.Length)..];
            connection.Note = Encoding.ASCII.GetString(token[..token.IndexOf((byte)'"')]);
            connection.Step = Streaming;
            client.Send(connection, Encoding.ASCII.GetBytes($"GET {_hub}?id={connection.Note}&document={connection.DocumentId} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"));
            return;
        }

        if (bytes.IndexOf("{}\u001e"u8) >= 0)
        {
            client.Opened(connection);
            client.Schedule(connection, PingEvery);
        }
        else if (bytes.StartsWith("HTTP/1.1 200"u8))
        {
            Say(client, connection, Hello);
        }
    }

    public override void Due(LoadClient client, Connection connection)
    {
        Say(client, connection, Ping);
        client.Schedule(connection, PingEvery);
    }

    private void Say(LoadClient client, Connection connection, string text) => client.SendAside(Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"POST {_hub}?id={connection.Note} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {text.Length}\r\n\r\n{text}")));
}
