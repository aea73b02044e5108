using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>Pages name the tests that show what they say.</summary>
public sealed partial class NamedTestsTests
{
    private static readonly HashSet<string> Tests =
    [
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Method().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value),
    ];

    public static TheoryData<string> All => [.. Pages.All.Select(page => Path.GetRelativePath(Checkout.Root, page))];

    [Theory]
    [MemberData(nameof(All))]
    public void Test_that_a_page_names_exists(string page) =>
        Assert.All(Name().Matches(File.ReadAllText(Path.Combine(Checkout.Root, page))).Select(match => match.Groups[1].Value), name => Assert.Contains(name, Tests));

    [Fact]
    public void Page_of_attacks_names_a_test_of_each()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs/security.md")).Split("## Attacks")[1].Split("\n## ")[0]).Select(match => match.Groups[1].Value).ToList();

        Assert.True(rows.Count > 10);
        Assert.All(rows, row => Assert.Matches(Name(), row));
    }

    [GeneratedRegex("^ *public (?:static )?(?:async )?(?:void|Task|ValueTask) ([A-Z][A-Za-z0-9_]+)\\(", RegexOptions.Multiline)]
    private static partial Regex Method();

    // Four words or more, so that it is neither an environment variable nor the pattern that names of tests follow.
    [GeneratedRegex("`([A-Z][A-Za-z0-9]*_[a-z0-9][A-Za-z0-9]*(?:_[A-Za-z0-9]+){2,})`")]
    private static partial Regex Name();

    [GeneratedRegex("^\\| (?!attack|---)[^|]+\\|([^|]+)\\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
