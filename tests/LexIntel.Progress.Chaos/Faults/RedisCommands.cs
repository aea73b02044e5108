using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LexIntel.Progress.Chaos.Faults;

/// <summary>Speaks to a Redis of this machine without a client library, which would be another thing that can fail.</summary>
internal static class RedisCommands
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Sends one command of words without spaces and returns the first line of the answer, or all of a bulk string.</summary>
    public static async Task<byte[]?> CallAsync(int port, string command) => (await CallAsync(port, [command]))[0];

    public static async Task<byte[]?[]> CallAsync(int port, IReadOnlyList<string> commands)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        await using var stream = new BufferedStream(client.GetStream());
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(commands.Select(command => $"{command}\r\n"))), limit.Token);
        await stream.FlushAsync(limit.Token);
        var answers = new byte[]?[commands.Count];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = await ReadAsync(stream, limit.Token);
        return answers;
    }

    private static async Task<byte[]?> ReadAsync(BufferedStream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (line is not [.., (byte)'\r', (byte)'\n'])
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            line.Add(one[0]);
        }

        var text = Encoding.UTF8.GetString([.. line[..^2]]);
        if (text.StartsWith('-'))
            throw new InvalidOperationException($"Redis answered {text}.");
        if (!text.StartsWith('$'))
            return Encoding.UTF8.GetBytes(text);
        var length = int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);
        if (length < 0)
            return null;
        var bytes = new byte[length + 2];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes[..^2];
    }
}
