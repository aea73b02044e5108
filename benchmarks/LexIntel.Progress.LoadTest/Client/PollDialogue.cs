using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>
/// Asks again and again on a connection that stays open: after a pause, or, with a long poll, at once, telling what it has
/// (<c>If-None-Match</c>) so that the server answers when there is something newer.
/// </summary>
/// <param name="path">What it asks for.</param>
/// <param name="interval">The pause between an answer and the next question; zero for a long poll.</param>
internal sealed class PollDialogue(string path, TimeSpan interval) : Dialogue
{
    private readonly CompositeFormat _request = CompositeFormat.Parse($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{{1}}\r\n");

    public override byte[] Begin(LoadClient client, Connection connection)
    {
        if (interval == TimeSpan.Zero)
            return Request(connection);
        // Real clients have not all begun at the same moment.
        client.Schedule(connection, interval * Random.Shared.NextDouble());
        return [];
    }

    public override void Receive(LoadClient client, Connection connection, ReadOnlySpan<byte> bytes)
    {
        // The step counts what is missing of the present answer.
        if (connection.Step > 0)
        {
            connection.Step -= bytes.Length;
        }
        else
        {
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                client.Fail(connection, FirstLine(bytes));
                return;
            }

            // An error is counted, and asked past: that is what pollers do.
            if (!(bytes.StartsWith("HTTP/1.1 200"u8) || bytes.StartsWith("HTTP/1.1 304"u8)))
                client.CountFailure(FirstLine(bytes), 1);
            if (interval == TimeSpan.Zero && Header(bytes[..end], "\r\nETag: "u8) is { Length: > 0 } tag)
                connection.Note = Encoding.ASCII.GetString(tag);
            connection.Step = (Utf8Parser.TryParse(Header(bytes[..end], "\r\nContent-Length: "u8), out int length, out _) ? length : 0) - (bytes.Length - end - 4);
        }

        if (connection.Step > 0)
            return;
        client.Opened(connection);
        if (interval > TimeSpan.Zero)
            client.Schedule(connection, interval);
        else
            client.Send(connection, Request(connection));
    }

    public override void Due(LoadClient client, Connection connection) => client.Send(connection, Request(connection));

    private byte[] Request(Connection connection) => Encoding.ASCII.GetBytes(string.Format(
        CultureInfo.InvariantCulture, _request, connection.DocumentId, connection.Note is { } tag ? $"If-None-Match: {tag}\r\n" : ""));

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        if (head.IndexOf(name) is not (>= 0 and var start))
            return [];
        var value = head[(start + name.Length)..];
        return value.IndexOf((byte)'\r') is >= 0 and var length ? value[..length] : value;
    }
}
