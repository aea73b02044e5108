using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

public sealed class DocumentIdsTests
{
    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("...")]
    [InlineData("a/../b")]
    [InlineData("a:b*[{}]?%2F\\\"'")]
    [InlineData("🎉")]
    [InlineData("\u2028")]
    public void Problem_legal_id_is_null(string id) => Assert.Null(DocumentIds.Problem(id));

    [Theory]
    [InlineData("x", 256)]
    [InlineData("ü", 128)]
    [InlineData("🎉", 64)]
    public void Problem_256_bytes_are_legal_and_one_more_is_not(string unit, int count)
    {
        var longest = string.Concat(Enumerable.Repeat(unit, count));

        Assert.Null(DocumentIds.Problem(longest));
        var problem = DocumentIds.Problem(longest + "x");
        Assert.Contains("257 bytes", problem, StringComparison.Ordinal);
        Assert.Contains("256 are allowed", problem, StringComparison.Ordinal);
        Assert.Contains("Use a shorter id", problem, StringComparison.Ordinal);
    }

    // Built here: an attribute is stored as UTF-8, which has no form of half a pair.
    [Fact]
    public void Problem_half_a_surrogate_pair_is_named_with_a_remedy()
    {
        foreach (var id in (string[])["\ud83c", "a\udf89", "\udf89\ud83c", "🎉\ud83c"])
            Assert.Equal("The document id holds half of a surrogate pair, which has no UTF-8 form. Pass valid Unicode.", DocumentIds.Problem(id));
    }

    [Theory]
    [InlineData("", "must not be empty")]
    [InlineData(null, "must not be empty")]
    [InlineData(".", "'.'")]
    [InlineData("..", "'..'")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\0", "U+0000")]
    [InlineData("\u007f", "U+007F")]
    [InlineData("\u0085", "U+0085")]
    public void Problem_illegal_id_is_named_with_a_remedy(string? id, string expected)
    {
        var problem = DocumentIds.Problem(id);

        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Matches("(Pass|Choose|Remove|Use) ", problem);
    }
}
