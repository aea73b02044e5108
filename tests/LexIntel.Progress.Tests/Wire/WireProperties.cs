using System.Buffers;
using System.Text;
using CsCheck;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

/// <summary>What holds for every state and every junk. A failure prints a seed that replays it.</summary>
public sealed class WireProperties
{
    private static readonly Gen<ProgressRevision> Revisions =
        Gen.Select(Gen.Long[1, 1767528000000], Gen.Long[1, ProgressRevision.MaxPart], (attempt, number) => new ProgressRevision(attempt, number));

    private static readonly Gen<DateTimeOffset> Times =
        Gen.Long[0, 4_000_000_000_000].Select(milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    // Whole code points: half a pair is written as a replacement character, which does not round-trip by design.
    private static readonly Gen<string> Texts =
        Gen.Int[1, 0x10ffff].Where(code => code is < 0xd800 or > 0xdfff).Select(char.ConvertFromUtf32).Array[0, 40].Select(string.Concat);

    private static readonly Gen<ProgressStep> Steps = Gen.Select(
        Texts.Where(text => text.Length is > 0 and <= 128), Gen.Enum<ProgressStatus>(), Times, Gen.Int[-1, 100_000],
        (name, status, started, tenths) => new ProgressStep(name, status, started, tenths < 0 ? null : TimeSpan.FromSeconds(tenths / 10.0)));

    private static readonly Gen<ProgressSnapshot> Snapshots = Gen.Select(
        Gen.Select(Texts.Where(id => DocumentIds.Problem(id) is null), Revisions, Gen.Enum<ProgressStatus>(), Gen.Int[0, 1000], Texts),
        Gen.Select(Texts, Times, Texts, Gen.Int[1, 9], Gen.Int[-1, 5000], Steps.Array[0, 64]),
        (head, tail) => new ProgressSnapshot
        {
            DocumentId = head.Item1,
            Revision = head.Item2,
            Status = head.Item3,
            Percent = head.Item3.IsTerminal ? head.Item4 / 10.0 : Math.Min(head.Item4 / 10.0, 99.9),
            Step = head.Item5,
            Message = tail.Item1,
            Timestamp = tail.Item2,
            ErrorMessage = tail.Item3.Length % 2 == 0 ? null : tail.Item3,
            Run = tail.Item4,
            Remaining = tail.Item5 < 0 ? null : TimeSpan.FromSeconds(tail.Item5),
            Steps = tail.Item6,
        });

    [Fact]
    public void Snapshot_written_and_read_is_the_same() => Snapshots.Sample(
        snapshot =>
        {
            var read = ReadBack(snapshot);
            Assert.Equal(snapshot with { Steps = [] }, read with { Steps = [] });
            Assert.Equal(snapshot.Steps, read.Steps);
        },
        iter: 2000);

    [Fact]
    public void Snapshot_written_is_one_line_of_utf8() => Snapshots.Sample(
        snapshot =>
        {
            var json = Write(snapshot);
            Assert.True(json.IndexOfAny((byte)'\n', (byte)'\r') < 0);
            Assert.True(System.Text.Unicode.Utf8.IsValid(json));
        },
        iter: 1000);

    [Fact]
    public void Snapshot_read_for_another_document_is_always_refused() => Gen.Select(Snapshots, Texts).Sample(
        (snapshot, other) => other == snapshot.DocumentId
            || StateReader.Read(Write(snapshot).ToArray(), other, Reading.Now, out _) == StateRejection.OtherDocument,
        iter: 1000);

    [Fact]
    public void Damaged_snapshot_never_throws_and_is_never_of_another_document() => Gen.Select(Snapshots, Gen.Int, Gen.Byte, Gen.Int[0, 3]).Sample(
        (snapshot, position, value, damage) =>
        {
            var bytes = Write(snapshot).ToArray();
            var at = (int)((uint)position % (uint)bytes.Length);
            bytes = damage switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], value, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[(at + 1)..]],
                _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            };
            AssertHarmless(bytes);
        },
        iter: 5000);

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(AssertHarmless, iter: 5000);

    [Fact]
    public void Random_json_like_text_never_throws() => OneOf(
        "{", "}", "[", "]", ":", ",", "\"revision\"", "\"1-1\"", "\"status\"", "\"completed\"", "\"progress\"", "100", "-1e999", "1e400", "null", "true", "\"steps\"",
        "\"name\"", "\"started\"", "\"\\ud83c\"", "\"document_id\"", "\"a\"", "\n", " ", "\"timestamp\"", "\"2026-01-03T10:30:45\"", "\"seconds\"", "\"run\"").Array[0, 30]
        .Sample(tokens => AssertHarmless(Encoding.UTF8.GetBytes(string.Concat(tokens))), iter: 20000);

    [Fact]
    public void Foreign_object_read_and_written_is_read_the_same_again() => OneOf("\"pages\":[1, 2]", "\"progress\":12.34", "\"status\":\"retrying\"", "\"message\":\"\\u00fc\"", "\"x\":{\"y\":\n\"z\"}", "\"error\":\"e\"", "\"timestamp\":\"2026-01-03T10:30:45.5\"").Array[0, 7]
        .Sample(
            properties =>
            {
                var json = Encoding.UTF8.GetBytes($"{{{string.Join(',', properties.Distinct())}}}");
                Assert.Equal(StateRejection.None, StateReader.Read(json, "a", Reading.Now, out var once));
                var buffer = new ArrayBufferWriter<byte>();
                StateWriter.Write(buffer, once, full: true);
                Assert.Equal(StateRejection.None, StateReader.Read(buffer.WrittenSpan, "a", Reading.Now, out var twice));
                Assert.Equal(
                    once.ToSnapshot() with { Percent = StateWriter.Shown(once.Percent, once.Status), Steps = [] }, twice.ToSnapshot() with { Steps = [] });
                Assert.Equal(once.Extras.ToArray(), twice.Extras.ToArray());
            },
            iter: 2000);

    [Fact]
    public void DocumentIds_problem_is_null_exactly_for_what_utf8_can_carry() => Gen.String[0, 300].Sample(
        id =>
        {
            var isLegal = id.Length > 0 && id is not ("." or "..") && !id.Any(char.IsControl)
                && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(id)) == id && Encoding.UTF8.GetByteCount(id) <= 256;
            return isLegal == DocumentIds.Problem(id) is null;
        },
        iter: 5000);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static void AssertHarmless(byte[] json)
    {
        if (StateReader.Read(json, "a", Reading.Now, out var fields) != StateRejection.None)
            return;
        Assert.Equal("a", fields.DocumentId);
        Assert.InRange(fields.Percent, 0, 100);
        Assert.True(Enum.IsDefined(fields.Status));
        Assert.True(fields.Revision is null or { Attempt: > 0, Number: > 0 });
        // What was accepted can always be shown.
        var buffer = new ArrayBufferWriter<byte>();
        StateWriter.Write(buffer, fields, full: true);
        Assert.Equal(StateRejection.None, StateReader.Read(buffer.WrittenSpan, "a", Reading.Now, out _));
    }

    private static ReadOnlySpan<byte> Write(ProgressSnapshot snapshot)
    {
        var buffer = new ArrayBufferWriter<byte>();
        StateWriter.Write(buffer, StateFields.From(snapshot), full: true);
        return buffer.WrittenSpan;
    }

    private static ProgressSnapshot ReadBack(ProgressSnapshot snapshot)
    {
        Assert.Equal(StateRejection.None, StateReader.Read(Write(snapshot).ToArray(), snapshot.DocumentId, Reading.Now, out var fields));
        return fields.ToSnapshot();
    }
}
