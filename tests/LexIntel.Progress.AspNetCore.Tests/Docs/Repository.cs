using System.Text.RegularExpressions;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>The checkout these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>README.md and every page of docs/.</summary>
    public static IEnumerable<string> Pages => Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Prepend(Path.Combine(Root, "README.md"));

    /// <summary>The code blocks of a page in one language.</summary>
    public static IEnumerable<string> Blocks(string page, string language) =>
        Regex.Matches(File.ReadAllText(page), $"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LexIntel.Progress.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests read README.md and docs/; run them from a checkout.");
    }
}
