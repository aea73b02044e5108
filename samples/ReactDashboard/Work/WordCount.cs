using System.Text;
using LexIntel.Progress;

namespace ReactDashboard.Work;

/// <summary>Reads a text and finds its words, then the most frequent of them.</summary>
internal sealed class WordCount(ProgressJob job, TimeSpan pieceDelay, TimeProvider time)
{
    private const int Pieces = 32;
    private const int Rounds = 8;
    private const int Shown = 3;
    private const int LeastLetters = 4;
    private const int MostLetters = 40;

    public static readonly ProgressPlan Plan = new(("reading", Pieces), ("ranking", Rounds));

    private readonly Dictionary<string, int> _counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly StringBuilder _word = new();
    private int _words;

    public async Task RunAsync(FileStream file, CancellationToken cancellationToken)
    {
        if (file.Length == 0)
            throw new NotTextException("The file is empty.");

        job.StartStep("reading", "Reading the text");
        var decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
        var bytes = new byte[(file.Length + Pieces - 1) / Pieces];
        var characters = new char[bytes.Length + 4];
        foreach (var piece in job.Each(Enumerable.Range(1, Pieces)))
        {
            var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            Take(Decode(decoder, bytes.AsSpan(0, read), characters, isLast: piece == Pieces));
            job.SetMessage($"{_words:N0} words so far");
            await Task.Delay(pieceDelay, time, cancellationToken);
        }

        EndWord();
        if (_words == 0)
            throw new NotTextException("There are no words in this file.");

        job.StartStep("ranking", "Finding the most frequent words");
        foreach (var _ in job.Each(Enumerable.Range(1, Rounds)))
            await Task.Delay(pieceDelay, time, cancellationToken);
        var frequent = _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Take(Shown).Select(pair => pair.Key.ToLowerInvariant());
        job.Complete($"{_words:N0} words, most often: {string.Join(", ", frequent)}");
    }

    private static ReadOnlySpan<char> Decode(Decoder decoder, ReadOnlySpan<byte> bytes, char[] characters, bool isLast)
    {
        try
        {
            var decoded = characters.AsSpan(0, decoder.GetChars(bytes, characters, isLast));
            return decoded.Contains('\0') ? throw new DecoderFallbackException() : decoded;
        }
        catch (DecoderFallbackException)
        {
            throw new NotTextException("This is not a text file. Plain text, Markdown, CSV and source code can be read.");
        }
    }

    private void Take(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsLetter(character))
                _word.Append(character);
            else
                EndWord();
        }
    }

    private void EndWord()
    {
        if (_word.Length == 0)
            return;
        _words++;
        if (_word.Length is >= LeastLetters and <= MostLetters)
        {
            var word = _word.ToString();
            _counts[word] = _counts.GetValueOrDefault(word) + 1;
        }

        _word.Clear();
    }
}
