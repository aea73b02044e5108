using System.Text;

namespace DocumentPipeline.Reading;

/// <summary>
/// Page-sized pieces of a text that has no pages of its own. A form feed begins a new page, as does a paragraph that does not fit.
/// </summary>
internal sealed class TextPages : IPagedText
{
    /// <summary>About what a printed page holds.</summary>
    private const int PageLength = 3_000;

    private readonly List<string> _pages = [];

    /// <param name="paragraphs">One line of text each; may begin with a form feed.</param>
    /// <param name="maxPages">The limit.</param>
    public TextPages(IEnumerable<string> paragraphs, int maxPages)
    {
        var page = new StringBuilder();
        foreach (var paragraph in paragraphs)
        {
            var rest = paragraph.AsSpan();
            if (rest is ['\f', ..])
            {
                End(page, maxPages);
                rest = rest.TrimStart('\f');
            }

            if (page.Length + rest.Length > PageLength)
                End(page, maxPages);
            // A paragraph longer than a page, perhaps a file that is one line.
            while (rest.Length > PageLength)
            {
                var length = char.IsHighSurrogate(rest[PageLength - 1]) ? PageLength - 1 : PageLength;
                page.Append(rest[..length]);
                End(page, maxPages);
                rest = rest[length..];
            }

            page.Append(rest).Append('\n');
        }

        End(page, maxPages);
    }

    public int PageCount => _pages.Count;

    public string ReadPage(int number) => _pages[number - 1];

    public void Dispose()
    {
        // Nothing is held open.
    }

    private void End(StringBuilder page, int maxPages)
    {
        var text = page.ToString().Trim();
        page.Clear();
        if (text.Length == 0)
            return;
        if (_pages.Count == maxPages)
            throw UnreadableDocumentException.TooManyPages(maxPages);
        _pages.Add(text);
    }
}
