using System.Buffers;
using System.Text;
using CsCheck;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

/// <summary>What the short reader takes is passed on to clients as it came: it must be one line, and say what the other reader reads.</summary>
public sealed class ShortReaderProperties
{
    private static readonly Gen<string> Texts = Gen.Char[' ', '~'].Where(c => c is not ('"' or '\\')).Array[0, 40].Select(chars => new string(chars));

    private static readonly Gen<ProgressSnapshot> Snapshots = Gen.Select(
        Gen.Select(Gen.Long[1, 1767528000000], Gen.Long[1, ProgressRevision.MaxPart], Gen.Enum<ProgressStatus>(), Gen.Int[0, 1000], Texts),
        Gen.Select(Texts, Gen.Long[0, 4_000_000_000_000], Texts, Gen.Int[1, 9], Gen.Int[-1, 5000], Gen.Bool),
        (head, tail) => new ProgressSnapshot
        {
            DocumentId = "a",
            Revision = new(head.Item1, head.Item2),
            Status = head.Item3,
            Percent = head.Item3.IsTerminal ? head.Item4 / 10.0 : Math.Min(head.Item4 / 10.0, 99.9),
            Step = head.Item5,
            Message = tail.Item1,
            Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(tail.Item2),
            ErrorMessage = tail.Item3.Length % 2 == 0 ? null : tail.Item3,
            Run = tail.Item4,
            Remaining = tail.Item5 < 0 ? null : TimeSpan.FromSeconds(tail.Item5),
            BatchId = tail.Item6 ? "b" : null,
        });

    [Fact]
    public void State_as_it_is_written_is_taken() => Snapshots.Sample(
        snapshot => Assert.True(ShortReader.TryRead(Write(snapshot), "a", Reading.Now, null, out _), Encoding.UTF8.GetString(Write(snapshot))), iter: 3000);

    [Fact]
    public void What_is_taken_is_one_line_and_what_the_other_reader_reads() => Gen.Select(Snapshots, Gen.Int, Gen.Byte, Gen.Int[0, 4]).Sample(
        (snapshot, position, value, damage) =>
        {
            var bytes = Write(snapshot);
            var at = (int)((uint)position % (uint)bytes.Length);
            bytes = damage switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], value, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[(at + 1)..]],
                3 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
                _ => bytes,
            };
            if (!ShortReader.TryRead(bytes, "a", Reading.Now, null, out var fields))
                return;
            Assert.Equal(StateRejection.None, StateReader.Read(bytes, "a", Reading.Now, out var expected));
            Assert.Equal(expected.ToSnapshot(), new State(fields, bytes).Snapshot with { Steps = [] }, SameSteps);
            Assert.True(damage < 4 || bytes.SequenceEqual(Write(snapshot)), Encoding.UTF8.GetString(bytes));
            Assert.False(bytes.AsSpan().ContainsAnyInRange((byte)0, (byte)0x1f));
        },
        iter: 20000);

    [Theory]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":1,"message":"\\n","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"b","step":"","progress":1,"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"9999999999999-1","status":"processing","document_id":"a","step":"","progress":1,"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":100,"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":1,"message":"","timestamp":"2026-02-30T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":01,"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":1,"message":"","timestamp":"2026-01-03T10:30:45.123Z","steps":[]}""")]
    [InlineData("""{"revision":"1-1","status":"processing","document_id":"a","step":"","progress":1,"message":"","timestamp":"2026-01-03T10:30:45.123Z"} """)]
    [InlineData("""{"status":"processing","document_id":"a","step":"","progress":1,"message":"","timestamp":"2026-01-03T10:30:45.123Z"}""")]
    public void Anything_else_is_left_to_the_other_reader(string json) =>
        Assert.False(ShortReader.TryRead(Encoding.UTF8.GetBytes(json), "a", Reading.Now, null, out _));

    [Fact]
    public void Line_end_inside_a_text_is_not_taken() =>
        Assert.False(ShortReader.TryRead("{\"revision\":\"1-1\",\"status\":\"processing\",\"document_id\":\"a\",\"step\":\"\",\"progress\":1,\"message\":\"x\n\ndata: y\",\"timestamp\":\"2026-01-03T10:30:45.123Z\"}"u8, "a", Reading.Now, null, out _));

    private static bool SameSteps(ProgressSnapshot one, ProgressSnapshot other) => one with { Steps = other.Steps } == other;

    private static byte[] Write(ProgressSnapshot snapshot)
    {
        var buffer = new ArrayBufferWriter<byte>();
        StateWriter.Write(buffer, StateFields.From(snapshot), full: false);
        return buffer.WrittenSpan.ToArray();
    }
}
