using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>Workers that POST each state to nchan, pipelined on one connection.</summary>
internal sealed class NchanSink : IUpdateSink, IDisposable
{
    private readonly System.Net.Sockets.Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private long _asked;
    private long _answered;

    public NchanSink(int port)
    {
        _socket.Connect("127.0.0.1", port);
        new Thread(ReadAnswers) { IsBackground = true }.Start();
    }

    public void Publish(int document, string message)
    {
        var id = Documents.Id(document);
        var json = PlainState.Json(id, message);
        _socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST /publish/{id} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}")));
        _asked++;
    }

    public async Task FlushAsync()
    {
        while (Volatile.Read(ref _answered) < _asked)
            await Task.Delay(5);
    }

    public void Dispose() => _socket.Dispose();

    private void ReadAnswers()
    {
        var buffer = new byte[64 * 1024];
        var kept = 0;
        var status = "HTTP/1.1 "u8;
        while (_socket.Receive(buffer.AsSpan(kept)) is > 0 and var count)
        {
            var text = buffer.AsSpan(0, kept + count);
            Volatile.Write(ref _answered, _answered + text.Count(status));
            // The beginning of a status line may be split between two reads.
            kept = Math.Min(status.Length - 1, text.Length);
            text[^kept..].CopyTo(buffer);
        }
    }
}
