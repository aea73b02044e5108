using System.Text;

namespace LexIntel.Progress.Chaos.Readers;

/// <summary>Reads the blocks of an event stream (WHATWG HTML, 9.2.6), also those that a client would not be told of.</summary>
internal sealed class EventStream(Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1024);

    /// <summary><see langword="null"/> at the end of the stream.</summary>
    public async Task<EventBlock?> ReadAsync(CancellationToken cancellationToken)
    {
        var block = new EventBlock();
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
                return block;
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var value = line[(colon + 2)..];
            block = line[..colon] switch
            {
                "id" => block with { Id = value },
                "event" => block with { Name = value },
                "data" => block with { Data = value },
                _ => block,
            };
        }

        return null;
    }

    public void Dispose() => _lines.Dispose();
}

/// <param name="Id">The id; <see langword="null"/> if none.</param>
/// <param name="Name">The event's name; empty for a state.</param>
/// <param name="Data">The data; <see langword="null"/> if none.</param>
internal sealed record EventBlock(string? Id = null, string Name = "", string? Data = null);
