using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>An EventSource over HTTP/1.1: one request, a response that does not end.</summary>
internal sealed class SseDialogue(string path) : Dialogue
{
    private readonly CompositeFormat _request = CompositeFormat.Parse($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");

    public override byte[] Begin(LoadClient client, Connection connection) => Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, _request, connection.DocumentId));

    public override void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes)
    {
        if (connection.Stage == ConnectionStage.Open)
        {
            // The last chunk of the response.
            if (bytes.EndsWith("\r\n0\r\n\r\n"u8))
                client.Fail(connection, "the server ended the stream");
        }
        else if (bytes.StartsWith("HTTP/1.1 200"u8))
        {
            client.Opened(connection);
        }
        else
        {
            client.Fail(connection, FirstLine(bytes));
        }
    }
}
