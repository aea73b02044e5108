using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>docs/guarantees.md names tests; they exist, and every promise has some.</summary>
public sealed class GuaranteesTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Checkout.Root, "docs/guarantees.md"));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), @"\[(?:Fact|Theory)\b.*?\bpublic (?:async )?\w+ (\w+)\(", RegexOptions.Singleline).Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        var named = Names(Page);

        Assert.InRange(named.Count, 50, 1000);
        Assert.Empty(named.Except(tests, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_promise_has_a_test()
    {
        var promises = Page.Split('\n').Where(line => line.StartsWith("| **G", StringComparison.Ordinal)).ToList();

        Assert.Equal(Enumerable.Range(1, 11).Select(i => $"G{i}"), promises.Select(line => Regex.Match(line, @"\*\*(G\d+)\*\*").Groups[1].Value));
        Assert.All(promises, line => Assert.NotEmpty(Names(line)));
    }

    private static List<string> Names(string text) => [.. Regex.Matches(text, "`([A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`").Select(match => match.Groups[1].Value)];
}
