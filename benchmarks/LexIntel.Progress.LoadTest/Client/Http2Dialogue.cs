using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>
/// Event streams over HTTP/2 (RFC 9113) without TLS: a hundred on a connection. Windows keep their initial size, and are given back as the
/// bytes are read.
/// </summary>
internal sealed class Http2Dialogue(string path) : Dialogue
{
    private const int FrameHead = 9;
    private const int WindowStep = 16 * 1024;

    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte Acknowledged = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    // HPACK (RFC 7541), the static table: ":method: GET", ":scheme: http", and the names ":authority" and ":path" with a literal value.
    private const byte MethodGet = 0x82;
    private const byte SchemeHttp = 0x86;
    private const byte Authority = 0x01;
    private const byte Path = 0x04;
    private const byte Status200 = 0x88;

    public override int StreamsPerConnection => 100;

    public override byte[] Begin(LoadClient client, Connection connection)
    {
        var output = new List<byte>();
        output.AddRange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        output.AddRange(Frame(Settings, 0, 0, []));
        foreach (var stream in connection.Streams)
        {
            var target = Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, path, stream.DocumentId));
            var authority = "localhost"u8;
            output.AddRange(Frame(Headers, EndStream | EndHeaders, (stream.Index * 2) + 1, [MethodGet, SchemeHttp, Authority, (byte)authority.Length, .. authority, Path, (byte)target.Length, .. target]));
        }

        return [.. output];
    }

    public override void Read(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes, int kept)
    {
        var now = Stamp.Now;
        while (bytes.Length >= FrameHead && FrameHead + Length(bytes) is var length && bytes.Length >= length && connection.Socket >= 0)
        {
            Receive(client, connection, bytes[..length], now);
            bytes = bytes[length..];
        }

        connection.Rest = bytes.ToArray();
    }

    public override void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes)
    {
    }

    private static void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> frame, long now)
    {
        var (type, flags) = (frame[3], frame[4]);
        var payload = frame[FrameHead..];
        var streamId = BinaryPrimitives.ReadInt32BigEndian(frame[5..]) & int.MaxValue;
        var stream = streamId > 0 ? connection.Streams[streamId / 2] : connection;
        switch (type)
        {
            case Data:
                client.FindStates(stream, stream.Rest.Length == 0 ? payload : [.. stream.Rest, .. payload], now);
                GiveBack(client, connection, stream, streamId, payload.Length);
                if ((flags & EndStream) != 0)
                    client.Fail(connection, "the server ended a stream");
                break;
            case Headers when payload is [Status200, ..]:
                // All streams are asked for at once; when the last is answered, all are.
                if (connection.Streams.Count(static each => each.Stage == ConnectionStage.Open) == connection.Streams.Length - 1)
                    client.Opened(connection);
                stream.Stage = ConnectionStage.Open;
                break;
            case Headers:
                client.Fail(connection, "a stream was refused");
                break;
            case Settings when flags != Acknowledged:
                client.Send(connection, Frame(Settings, Acknowledged, 0, []));
                break;
            case Ping when flags != Acknowledged:
                client.Send(connection, Frame(Ping, Acknowledged, 0, payload));
                break;
            case Reset or GoAway:
                client.Fail(connection, type == Reset ? "a stream was reset" : "the server says goodbye");
                break;
        }
    }

    private static void GiveBack(LoadClient client, Connection connection, Connection stream, int streamId, int length)
    {
        stream.Step += length;
        connection.Step += length;
        if (stream.Step >= WindowStep)
        {
            client.Send(connection, Window(streamId, stream.Step));
            stream.Step = 0;
        }

        if (connection.Step >= WindowStep)
        {
            client.Send(connection, Window(0, connection.Step));
            connection.Step = 0;
        }
    }

    private static byte[] Window(int streamId, int size)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, size);
        return Frame(WindowUpdate, 0, streamId, payload);
    }

    private static byte[] Frame(byte type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHead + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame.AsSpan(FrameHead));
        return frame;
    }

    private static int Length(ReadOnlySpan<byte> frame) => (frame[0] << 16) | (frame[1] << 8) | frame[2];
}
