using System.Buffers;

namespace LexIntel.Progress.Http;

/// <summary>
/// The bytes of an event stream on their way to the parser, which would collect an event of any size: one that is larger than any of ours
/// breaks the stream. Each arrival breaks the silence.
/// </summary>
internal sealed class EventBytes(Stream inner, Silence silence) : Stream
{
    /// <summary>The most bytes from one empty line to the next.</summary>
    public const int MostPerEvent = 2 * Wire.StateLimits.SnapshotBytes;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private int _eventLength;
    private bool _isLineEmpty = true;
    private bool _isAfterReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        silence.Break();
        Measure(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An event stream is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Measure(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // A line ends with \n, \r or \r\n (WHATWG HTML, 9.2.5).
            if (_isAfterReturn && bytes[0] == '\n')
            {
                bytes = bytes[1..];
                _eventLength++;
            }

            _isAfterReturn = false;
            var end = bytes.IndexOfAny(LineEnds);
            var length = end < 0 ? bytes.Length : end;
            _isLineEmpty &= length == 0;
            _eventLength += length;
            if (_eventLength > MostPerEvent)
                throw new InvalidDataException($"The host sent an event of more than {MostPerEvent} bytes; no state is as large.");
            if (end < 0)
                return;
            _isAfterReturn = bytes[end] == '\r';
            _eventLength = _isLineEmpty ? 0 : _eventLength + 1;
            _isLineEmpty = true;
            bytes = bytes[(end + 1)..];
        }
    }
}
