namespace DocumentPipeline.Processing;

/// <summary>
/// Cuts a page into passages that overlap a little, so that a sentence on a cut is whole in one of them. A passage never crosses a page:
/// what is found in it can be cited by page.
/// </summary>
internal static class Chunker
{
    private const int Length = 900;
    private const int Overlap = 120;
    private const int BreakRange = 200;

    public static IEnumerable<string> Cut(string page)
    {
        for (var start = 0; start < page.Length;)
        {
            var end = Math.Min(start + Length, page.Length);
            if (end < page.Length)
                end = BreakBefore(page, end);
            var chunk = page[start..end].Trim();
            if (chunk.Length > 0)
                yield return chunk;
            if (end == page.Length)
                yield break;
            start = BreakBefore(page, end - Overlap);
        }
    }

    /// <summary>The nearest white space before the position, else the position, but never between the halves of a surrogate pair.</summary>
    private static int BreakBefore(string text, int position)
    {
        for (var i = position; i > position - BreakRange; i--)
        {
            if (char.IsWhiteSpace(text[i]))
                return i;
        }

        return char.IsLowSurrogate(text[position]) ? position - 1 : position;
    }
}
