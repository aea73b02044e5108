using System.Globalization;
using System.Text;

namespace LexIntel.Progress.Wire;

/// <summary>The rules for ids of documents and batches. Everything else about an id is opaque: it is compared byte by byte and never interpreted.</summary>
internal static class DocumentIds
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is wrong with an id, as a sentence for its author; <see langword="null"/> when nothing is.</summary>
    public static string? Problem(string? id, string name = "document id")
    {
        if (string.IsNullOrEmpty(id))
            return $"A {name} must not be empty. Pass the id that your system uses.";
        if (id is "." or "..")
            return $"The {name} '{id}' cannot stand in a URL, which would read it as a folder. Choose another id.";

        foreach (var c in id)
        {
            if (char.IsControl(c))
                return string.Create(CultureInfo.InvariantCulture, $"The {name} holds the control character U+{(int)c:X4}. Remove it, or encode the id.");
        }

        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(id);
        }
        catch (EncoderFallbackException)
        {
            return $"The {name} holds half of a surrogate pair, which has no UTF-8 form. Pass valid Unicode.";
        }

        return bytes <= StateLimits.IdBytes
            ? null
            : $"The {name} is {bytes} bytes of UTF-8, {StateLimits.IdBytes} are allowed. Use a shorter id, such as a hash of this one. It begins '{StateLimits.Cut(id, 40)}'.";
    }

    public static void ThrowIfInvalid(string? id, string parameterName, string name = "document id")
    {
        ArgumentNullException.ThrowIfNull(id, parameterName);
        if (Problem(id, name) is { } problem)
            throw new ArgumentException(problem, parameterName);
    }

    /// <summary>The ids, each once.</summary>
    public static HashSet<Subject> Distinct(IReadOnlyCollection<string> ids, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(ids, parameterName);
        var distinct = new HashSet<Subject>(ids.Count);
        foreach (var id in ids)
        {
            ThrowIfInvalid(id, parameterName);
            distinct.Add(id);
        }

        return distinct;
    }
}
