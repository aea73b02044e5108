using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>A WebSocket (RFC 6455) that speaks one of the protocols which are carried over it.</summary>
internal sealed class WebSocketDialogue(string path, WebSocketManners manners) : Dialogue
{
    private const int Shaken = 1;
    private const int OneByteLength = 125;
    private const byte TextFrame = 0x81;
    private const byte PongFrame = 0x8A;
    private const byte Masked = 0x80;

    private readonly CompositeFormat _request = CompositeFormat.Parse(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    public override byte[] Begin(LoadClient client, Connection connection) => Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, _request, connection.DocumentId));

    public override void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes)
    {
        if (connection.Step < Shaken && !TryShake(client, connection, ref bytes))
            return;

        // One step at a time: each waits for what only its predecessor causes.
        while (connection.Step - Shaken < manners.Steps.Count && bytes.IndexOf(manners.Steps[connection.Step - Shaken].Heard) is >= 0 and var at)
        {
            var (heard, say) = manners.Steps[connection.Step++ - Shaken];
            bytes = bytes[(at + heard.Length)..];
            Say(client, connection, say);
        }

        if (connection.Stage == ConnectionStage.Opening && bytes.IndexOf(manners.OpenedBy) >= 0 && connection.Step - Shaken == manners.Steps.Count)
        {
            client.Opened(connection);
            if (manners.PingEvery > TimeSpan.Zero)
                client.Schedule(connection, manners.PingEvery);
        }

        if (manners.PingHeard.Length > 0 && bytes.IndexOf(manners.PingHeard) >= 0)
            Say(client, connection, manners.Pong);
        if (bytes.IndexOf((ReadOnlySpan<byte>)[0x89, 0x00]) >= 0)
            client.Send(connection, [PongFrame, Masked, 0, 0, 0, 0]);
    }

    public override void Due(LoadClient client, Connection connection)
    {
        Say(client, connection, manners.Ping);
        client.Schedule(connection, manners.PingEvery);
    }

    private bool TryShake(LoadClient client, Connection connection, ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (!bytes.StartsWith("HTTP/1.1 101"u8) || end < 0)
        {
            client.Fail(connection, FirstLine(bytes));
            return false;
        }

        connection.Step = Shaken;
        bytes = bytes[(end + 4)..];
        Say(client, connection, manners.Hello);
        return true;
    }

    private static void Say(LoadClient client, Connection connection, string text)
    {
        if (text.Length == 0 || connection.Socket < 0)
            return;
        var payload = Encoding.UTF8.GetBytes(text.Replace("{0}", connection.DocumentId, StringComparison.Ordinal));
        // The mask is zero, which leaves the payload as it is.
        Span<byte> head = stackalloc byte[8];
        head[0] = TextFrame;
        var length = 6;
        if (payload.Length <= OneByteLength)
        {
            head[1] = (byte)(Masked | payload.Length);
        }
        else
        {
            head[1] = Masked | (OneByteLength + 1);
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payload.Length);
            length = 8;
        }

        client.Send(connection, [.. head[..length], .. payload]);
    }
}
