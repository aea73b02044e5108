using System.Text.RegularExpressions;

namespace LexIntel.Progress.Testing;

/// <summary>The checkout that the tests were built from, for tests that read documents, sources and samples.</summary>
public static class Checkout
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>The code blocks of a page in one language.</summary>
    /// <param name="page">Its path in the checkout.</param>
    /// <param name="language">What stands behind the opening fence.</param>
    public static IEnumerable<string> Blocks(string page, string language) =>
        Regex.Matches(File.ReadAllText(Path.Combine(Root, page)), $"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LexIntel.Progress.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests read files of the repository; run them from a checkout.");
    }
}
