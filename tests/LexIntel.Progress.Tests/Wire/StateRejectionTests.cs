using System.Text;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

/// <summary>What is dropped, and under which name it is counted.</summary>
public sealed class StateRejectionTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{\"progress\":1")]
    [InlineData("{\"progress\":1} x")]
    [InlineData("{\"progress\":1}{}")]
    [InlineData("{\"progress\":NaN}")]
    [InlineData("{\"progress\":Infinity}")]
    [InlineData("{'progress':1}")]
    [InlineData("{\"progress\":1,}")]
    [InlineData("{\"progress\":01}")]
    [InlineData("{\"steps\":[{\"name\":}]}")]
    [InlineData("{\"steps\":[")]
    [InlineData("{\"x\":\"a\nb\"}")]
    [InlineData("hello")]
    [InlineData("{\"message\":\"\\ud83c\"}")]
    [InlineData("{\"step\":\"\\udf89\\ud83c\"}")]
    [InlineData("{\"document_id\":\"\\ud83c\"}")]
    [InlineData("{\"status\":\"\\ud83c\"}")]
    [InlineData("{\"timestamp\":\"\\ud83c\"}")]
    [InlineData("{\"batch_id\":\"\\ud83c\"}")]
    [InlineData("{\"steps\":[{\"\\ud83c\":1}]}")]
    public void Read_broken_json_is_not_json(string json) => Assert.Equal(StateRejection.NotJson, Reading.Read(json, out _));

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[{\"progress\":1}]")]
    [InlineData("true")]
    public void Read_other_than_an_object_is_not_an_object(string json) => Assert.Equal(StateRejection.NotAnObject, Reading.Read(json, out _));

    [Theory]
    [InlineData(new byte[] { 0x7b, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d })]
    [InlineData(new byte[] { 0xc3, 0x28 })]
    [InlineData(new byte[] { 0x22, 0xed, 0xa0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00 })]
    public void Read_other_than_utf8_is_not_utf8(byte[] bytes) =>
        Assert.Equal(StateRejection.NotUtf8, StateReader.Read(bytes, "a", Reading.Now, out _));

    [Theory]
    [InlineData("""{"document_id":"b"}""")]
    [InlineData("""{"document_id":"A"}""")]
    [InlineData("""{"document_id":""}""")]
    [InlineData("""{"document_id":["a"]}""")]
    [InlineData("""{"document_id":true}""")]
    [InlineData("""{"document_id":1}""")]
    public void Read_another_document_is_other_document(string json) => Assert.Equal(StateRejection.OtherDocument, Reading.Read(json, out _));

    [Theory]
    [InlineData("""{"progress":1,"progress":2}""")]
    [InlineData("""{"status":"failed","status":"completed"}""")]
    [InlineData("""{"status":"failed","st\u0061tus":"completed"}""")]
    [InlineData("""{"revision":null,"revision":"1-1"}""")]
    [InlineData("""{"document_id":"a","document_id":"a"}""")]
    [InlineData("""{"steps":[],"steps":[]}""")]
    public void Read_known_field_twice_is_repeated_field(string json) => Assert.Equal(StateRejection.RepeatedField, Reading.Read(json, out _));

    [Fact]
    public void Read_unknown_field_twice_is_kept() => Reading.Read("""{"x":1,"x":2}""");

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"0-1\"")]
    [InlineData("\"1-0\"")]
    [InlineData("\"01-1\"")]
    [InlineData("\"1-01\"")]
    [InlineData("\"-1-1\"")]
    [InlineData("\"+1-1\"")]
    [InlineData("\"1-1-1\"")]
    [InlineData("\"1\"")]
    [InlineData("\" 1-1\"")]
    [InlineData("\"1e3-1\"")]
    [InlineData("\"1-1000000000000000\"")]
    [InlineData("\"\\u0031-1\"")]
    [InlineData("\"1767528000001-1\"")]
    [InlineData("17")]
    [InlineData("{}")]
    [InlineData("[\"1-1\"]")]
    [InlineData("true")]
    public void Read_revision_of_another_grammar_or_from_the_future_is_forged(string revision) =>
        Assert.Equal(StateRejection.ForgedRevision, Reading.Read($$"""{"revision":{{revision}}}""", out _));

    [Theory]
    [InlineData("1-1")]
    [InlineData("1767528000000-999999999999999")]
    public void Read_revision_up_to_24_hours_ahead_is_accepted(string revision) =>
        Assert.Equal(ProgressRevision.Parse(revision), Reading.Read($$"""{"revision":"{{revision}}"}""").Revision);

    [Fact]
    public void Read_deep_nesting_is_refused_and_not_followed()
    {
        var deep = $"{{\"x\":{new string('[', 5000)}{new string(']', 5000)}}}";

        Assert.Equal(StateRejection.NotJson, Reading.Read(deep, out _));
    }

    [Fact]
    public void Reason_of_each_rejection_is_its_name_in_snake_case()
    {
        foreach (var rejection in Enum.GetValues<StateRejection>())
        {
            var snake = string.Concat(rejection.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
            Assert.Equal(snake, ProgressMetrics.Reason(rejection));
        }
    }

    [Fact]
    public void Read_byte_order_mark_never_throws() =>
        Assert.NotEqual(StateRejection.None, StateReader.Read((byte[])[0xef, 0xbb, 0xbf, .. "{}"u8], "a", Reading.Now, out _));

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Read_corpus_file_gives_the_rejection_in_its_name(string file)
    {
        var expected = Enum.Parse<StateRejection>(file.Split('.')[0]);

        Assert.Equal(expected, StateReader.Read(File.ReadAllBytes(Path.Combine(CorpusFolder, file)), "a", Reading.Now, out _));
    }

    private static string CorpusFolder => Path.Combine(AppContext.BaseDirectory, "Wire", "Corpus");

    public static TheoryData<string> Corpus => [.. Directory.EnumerateFiles(CorpusFolder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
