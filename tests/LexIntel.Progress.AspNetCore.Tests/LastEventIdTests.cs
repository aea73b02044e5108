using System.Text.RegularExpressions;
using CsCheck;
using LexIntel.Progress.AspNetCore;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What a client says it has is written by anybody: it is understood exactly, or counts as nothing.</summary>
public sealed class LastEventIdTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000);
    private static readonly long NewestAttempt = Now.AddHours(24).ToUnixTimeMilliseconds();

    private static readonly string[] Tails = ["-End", "-end ", " ", "-end-end", "-", "\n", ",1-1"];

    private static readonly Gen<ProgressRevision> Revisions =
        Gen.Select(Gen.Long[1, NewestAttempt], Gen.Long[1, ProgressRevision.MaxPart], (attempt, number) => new ProgressRevision(attempt, number));

    [Fact]
    public void Parse_reads_what_streams_write() => Gen.Select(Revisions, Gen.Bool).Sample((revision, isEnd) =>
        LastEventId.Parse(isEnd ? LastEventId.End(revision) : revision.ToString(), Now) == new LastEventId(true, revision, isEnd));

    [Fact]
    public void Parse_end_of_a_stream_without_revisions_is_an_end() =>
        Assert.Equal(new LastEventId(true, null, true), LastEventId.Parse(LastEventId.End(null), Now));

    [Fact]
    public void Parse_anything_else_counts_as_nothing() => Gen.OneOf(
        Gen.String[0, 40], Gen.Char["0123456789-end +.\u0661\0"].Array[0, 40].Select(chars => new string(chars)),
        Gen.Select(Revisions, Gen.Int[0, Tails.Length - 1].Select(i => Tails[i]), (revision, tail) => revision + tail)).Sample(
        text =>
        {
            var isOurs = Regex.IsMatch(text, @"\A([1-9][0-9]{0,14}-[1-9][0-9]{0,14}(-end)?|0-0-end)\z") && Attempt(text) <= NewestAttempt;
            Assert.Equal(isOurs, LastEventId.Parse(text, Now) != default);
        },
        iter: 20_000);

    [Fact]
    public void Parse_attempt_more_than_24_hours_ahead_counts_as_nothing()
    {
        Assert.True(LastEventId.Parse($"{NewestAttempt}-1", Now).IsPresent);
        Assert.False(LastEventId.Parse($"{NewestAttempt + 1}-1", Now).IsPresent);
        Assert.False(LastEventId.Parse($"{NewestAttempt + 1}-1-end", Now).IsEnd);
    }

    private static long Attempt(string text) => long.Parse(text[..text.IndexOf('-', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
}
