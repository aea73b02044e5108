using System.Globalization;
using System.Text;

namespace DocumentPipeline.Intake;

/// <summary>
/// File names come from strangers and are shown to people: as text, on one line, without what terminals and browsers obey. They never
/// become paths; stored files are named after the document's id.
/// </summary>
internal static class FileNames
{
    private const int LongestName = 120;
    private const string Nameless = "document";

    /// <summary>The last part of the name, clean and not too long, with its extension.</summary>
    public static string Clean(string? name)
    {
        // Browsers send base names, other clients whatever they like; either slash may come from either system.
        var text = Printable((name ?? "")[((name ?? "").LastIndexOfAny(['/', '\\']) + 1)..]).Trim();
        if (text.Trim('.').Length == 0)
            return Nameless;
        if (text.Length <= LongestName)
            return text;

        var extension = Path.GetExtension(text) is { Length: <= 10 } known ? known : "";
        return Cut(text, LongestName - extension.Length - 1) + "…" + extension;
    }

    /// <summary>The text without control characters and without marks that turn the direction of writing, such as U+202E.</summary>
    public static string Printable(string text)
    {
        var clean = new StringBuilder(text.Length);
        // Runes instead of chars: half of a surrogate pair becomes U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                clean.Append(' ');
            else if (!IsDirectional(rune.Value))
                clean.Append(rune.ToString());
        }

        return clean.ToString();
    }

    private static bool IsDirectional(int rune) =>
        rune is 0x061C or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF;

    private static string Cut(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
