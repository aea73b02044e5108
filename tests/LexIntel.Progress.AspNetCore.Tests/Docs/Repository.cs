using System.Text.RegularExpressions;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>The checkout these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every page for users: those at the root, of docs/ and of samples/.</summary>
    public static IEnumerable<string> Pages =>
    [
        .. Directory.EnumerateFiles(Root, "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(Root, "samples"), "README.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }),
    ];

    /// <summary>What the code in pages is taken from, and is compiled as.</summary>
    public static IEnumerable<string> CompiledSnippets =>
    [
        Path.Combine(Root, "tests/LexIntel.Progress.AspNetCore.Tests/Docs/Snippets.cs"),
        .. Directory.EnumerateDirectories(Path.Combine(Root, "samples")).Select(sample => Path.Combine(sample, "Program.cs")).Where(File.Exists),
    ];

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
