using System.Buffers;
using System.Text;
using System.Text.Json;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

public sealed class StateWriterTests
{
    private static readonly StateFields Fields = new()
    {
        DocumentId = "0b7e2c1c-6f0a-4b6e-9c55-1f3a7d9c2e10",
        Revision = new(1764000000000, 17),
        Status = ProgressStatus.Processing,
        Step = "extraction",
        Percent = 45.25,
        Message = "Extracting page 45 of 100",
        Timestamp = new(2026, 1, 3, 10, 30, 45, 123, TimeSpan.Zero),
        Remaining = TimeSpan.FromSeconds(41.2),
        Steps = [new("extraction", ProgressStatus.Processing, new(2026, 1, 3, 10, 30, 0, TimeSpan.Zero))],
        Lease = TimeSpan.FromSeconds(15),
        Retention = TimeSpan.FromHours(24),
    };

    [Fact]
    public void Percentage_that_is_no_number_is_shown_as_none() => Assert.Equal(0, StateWriter.Shown(double.NaN, ProgressStatus.Processing));

    [Fact]
    public void Write_short_form_is_exactly_the_documented_line() => Assert.Equal(
        """{"revision":"1764000000000-17","status":"processing","document_id":"0b7e2c1c-6f0a-4b6e-9c55-1f3a7d9c2e10","step":"extraction","progress":45.3,"message":"Extracting page 45 of 100","timestamp":"2026-01-03T10:30:45.123Z","remaining_seconds":42}""",
        Write(Fields, full: false));

    [Fact]
    public void Write_typical_live_update_fits_into_280_bytes_with_its_framing()
    {
        const string Framing = "100\r\nid: 1764000000000-17\ndata: \n\n\r\n";

        Assert.InRange(Encoding.UTF8.GetByteCount(Write(Fields, full: false)) + Framing.Length, 1, 280);
    }

    [Fact]
    public void Write_full_form_for_readers_has_steps_and_no_lease()
    {
        var json = Write(Fields, full: true);

        Assert.Contains("""
            "steps":[{"name":"extraction","status":"processing","started":"2026-01-03T10:30:00.000Z"}]
            """, json, StringComparison.Ordinal);
        Assert.DoesNotContain("lease", json, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteStored_begins_with_what_the_store_decides_by_and_ends_with_the_lease()
    {
        var buffer = new ArrayBufferWriter<byte>();
        StateWriter.WriteStored(buffer, Fields with { Run = 2 }, new(1764000000000, 17), full: true);
        var json = Encoding.UTF8.GetString(buffer.WrittenSpan);

        Assert.StartsWith("{\"revision\":\"1764000000000-17\",\"run\":2,\"status\":\"processing\",", json, StringComparison.Ordinal);
        Assert.EndsWith("\"lease_seconds\":15,\"retention_seconds\":86400}", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProgressStatus.Processing, 100, "99.9")]
    [InlineData(ProgressStatus.Processing, 99.95, "99.9")]
    [InlineData(ProgressStatus.Retrying, 100, "99.9")]
    [InlineData(ProgressStatus.Completed, 100, "100")]
    [InlineData(ProgressStatus.Failed, 45.25, "45.3")]
    [InlineData(ProgressStatus.Processing, 0.04, "0")]
    [InlineData(ProgressStatus.Processing, -3, "0")]
    [InlineData(ProgressStatus.Completed, 1e9, "100")]
    public void Write_progress_has_one_decimal_and_no_100_before_the_end(ProgressStatus status, double percent, string expected)
    {
        var fields = Fields;
        (fields.Status, fields.Percent) = (status, percent);

        Assert.Contains($"\"progress\":{expected},", Write(fields, full: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_run_stands_right_after_the_revision_from_the_second_on()
    {
        var fields = Fields;
        fields.Run = 1;
        Assert.DoesNotContain("\"run\"", Write(fields, full: true), StringComparison.Ordinal);
        fields.Run = 2;

        Assert.StartsWith("{\"revision\":\"1764000000000-17\",\"run\":2,\"status\":", Write(fields, full: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("line\nbreak\r\ttab")]
    [InlineData("quote \" backslash \\ slash / <script>&'")]
    [InlineData("Größe 你好 🎉 \u2028\u2029\u0085\0")]
    public void Write_text_is_one_line_of_json_that_reads_back(string text)
    {
        var fields = Fields;
        fields.Message = text;
        var json = Write(fields, full: true);

        Assert.DoesNotContain('\n', json);
        Assert.DoesNotContain('\r', json);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(text, document.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void Write_lone_surrogates_become_replacement_characters()
    {
        var fields = Fields;
        (fields.Message, fields.Step, fields.ErrorMessage) = ("a\ud83cb", "\udf89", "x\ud83c");

        using var document = JsonDocument.Parse(Write(fields, full: true));

        Assert.Equal("a\ufffdb", document.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void Write_extras_are_appended_as_they_came()
    {
        var fields = Reading.Read("""{"progress":1,"pages":{"done":[1, 2]},"x":"\u00fc"}""");

        Assert.EndsWith("""
            ,"pages":{"done":[1, 2]},"x":"\u00fc"}
            """, Write(fields, full: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_foreign_state_has_no_revision() =>
        Assert.StartsWith("{\"status\":", Write(Reading.Read("{}"), full: true), StringComparison.Ordinal);

    [Fact]
    public void Write_more_than_64_steps_drops_the_oldest()
    {
        var fields = Fields;
        fields.Steps = [.. Enumerable.Range(0, 100).Select(i => new ProgressStep($"s{i}", ProgressStatus.Completed, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1.26)))];

        using var document = JsonDocument.Parse(Write(fields, full: true));

        var steps = document.RootElement.GetProperty("steps");
        Assert.Equal((64, "s36", 1.3), (steps.GetArrayLength(), steps[0].GetProperty("name").GetString(), steps[0].GetProperty("seconds").GetDouble()));
    }

    private static string Write(in StateFields fields, bool full)
    {
        var buffer = new ArrayBufferWriter<byte>();
        StateWriter.Write(buffer, fields, full);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
