using System.Text;
using CsCheck;

namespace LexIntel.Progress.Tests.Wire;

public sealed class ProgressRevisionTests
{
    private static readonly Gen<ProgressRevision> Revisions = Gen.Select(
        Gen.OneOf(Gen.Long[1, 5], Gen.Long[1, ProgressRevision.MaxPart]), Gen.OneOf(Gen.Long[1, 5], Gen.Long[1, ProgressRevision.MaxPart]),
        (attempt, number) => new ProgressRevision(attempt, number));

    [Fact]
    public void Parse_reads_what_ToString_wrote() => Revisions.Sample(revision =>
        ProgressRevision.Parse(revision.ToString()) == revision
        && ProgressRevision.TryParse(Encoding.UTF8.GetBytes(revision.ToString()), null, out var same) && same == revision);

    [Fact]
    public void TryFormat_writes_the_same_as_ToString_or_says_that_there_is_no_room() => Gen.Select(Revisions, Gen.Int[0, 40]).Sample((revision, room) =>
    {
        var text = revision.ToString();
        Span<char> chars = stackalloc char[room];
        Span<byte> bytes = stackalloc byte[room];

        Assert.Equal(room >= text.Length, revision.TryFormat(chars, out var charsWritten, default, null));
        Assert.Equal(room >= text.Length, revision.TryFormat(bytes, out var bytesWritten, default, null));
        if (room >= text.Length)
            Assert.Equal((text, text), (chars[..charsWritten].ToString(), Encoding.ASCII.GetString(bytes[..bytesWritten])));
    });

    [Fact]
    public void Comparison_is_by_attempt_and_then_by_number() => Gen.Select(Revisions, Revisions).Sample((a, b) =>
    {
        var expected = (a.Attempt, a.Number).CompareTo((b.Attempt, b.Number));
        Assert.Equal(expected < 0, a < b);
        Assert.Equal(expected > 0, a > b);
        Assert.Equal(expected <= 0, a <= b);
        Assert.Equal(expected >= 0, a >= b);
        Assert.Equal(Math.Sign(expected), Math.Sign(a.CompareTo(b)));
    });

    [Fact]
    public void TryParse_accepts_exactly_the_grammar() => Gen.OneOf(
        Gen.String[0, 35], Gen.Char["0123456789-+ .eE"].Array[0, 35].Select(chars => new string(chars)), Revisions.Select(revision => revision.ToString())).Sample(
        text => System.Text.RegularExpressions.Regex.IsMatch(text, "\\A[1-9][0-9]{0,14}-[1-9][0-9]{0,14}\\z") == ProgressRevision.TryParse(text, out _),
        iter: 5000);

    [Theory]
    [InlineData("")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1764000000000-17-end")]
    [InlineData("١-١")]
    public void Parse_junk_says_what_to_write(string text)
    {
        var error = Assert.Throws<FormatException>(() => ProgressRevision.Parse(text));

        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("e.g. 1764000000000-17", error.Message, StringComparison.Ordinal);
    }
}
