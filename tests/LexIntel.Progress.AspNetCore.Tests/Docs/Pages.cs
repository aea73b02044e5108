using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>What the checkout holds for its readers.</summary>
internal static class Pages
{
    /// <summary>Every page for users: those at the root, of docs/ and of samples/.</summary>
    public static IEnumerable<string> All =>
    [
        .. Directory.EnumerateFiles(Checkout.Root, "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "samples"), "README.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }),
    ];

    /// <summary>What the code in pages is taken from, and is compiled as.</summary>
    public static IEnumerable<string> CompiledSnippets =>
    [
        Path.Combine(Checkout.Root, "tests/LexIntel.Progress.AspNetCore.Tests/Docs/Snippets.cs"),
        Path.Combine(Checkout.Root, "tests/Samples.Tests/TestKitTests.cs"),
        .. Directory.EnumerateDirectories(Path.Combine(Checkout.Root, "samples")).Select(sample => Path.Combine(sample, "Program.cs")).Where(File.Exists),
    ];
}
