using System.Text;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

public sealed class StateReaderTests
{
    [Fact]
    public void Read_first_message_of_the_compatibility_page_is_understood()
    {
        var fields = Reading.Read(
            """{"document_id":"abc-123","status":"processing","step":"extraction","progress":10,"message":"Extracting…","timestamp":"2026-01-03T10:30:45.123456"}""",
            "abc-123");

        Assert.Equal((ProgressStatus.Processing, "extraction", 10.0, "Extracting…"), (fields.Status, fields.Step, fields.Percent, fields.Message));
        Assert.Equal(new DateTimeOffset(2026, 1, 3, 10, 30, 45, TimeSpan.Zero).AddTicks(1234560), fields.Timestamp);
        Assert.Null(fields.Revision);
    }

    [Fact]
    public void Read_second_message_of_the_compatibility_page_is_completed_with_defaults()
    {
        var fields = Reading.Read("""{"progress":45,"step":"extraction","message":"Extracting text from document..."}""");

        Assert.Equal(("a", ProgressStatus.Processing, 45.0), (fields.DocumentId, fields.Status, fields.Percent));
        Assert.Equal(Reading.Now, fields.Timestamp);
    }

    [Fact]
    public void Read_third_message_of_the_compatibility_page_is_a_failure()
    {
        var fields = Reading.Read("""{"status":"failed","error":"…","timestamp":"2026-01-03T10:30:45.123456"}""");

        Assert.Equal((ProgressStatus.Failed, "…"), (fields.Status, fields.ErrorMessage));
    }

    [Theory]
    [InlineData("""{"progress":100}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"progress":100.0}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"progress":250}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"progress":99.99}""", ProgressStatus.Processing, 99.99)]
    [InlineData("""{"progress":100,"status":"processing"}""", ProgressStatus.Processing, 100)]
    [InlineData("""{"progress":100,"status":"uploading"}""", ProgressStatus.Processing, 100)]
    [InlineData("""{"progress":100,"status":null}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"progress":-5}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"progress":"NaN"}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"progress":"100"}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"progress":null}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"progress":[100]}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"progress":-1e999}""", ProgressStatus.Processing, 0)]
    [InlineData("""{"status":"completed"}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"status":"completed","progress":30}""", ProgressStatus.Completed, 30)]
    [InlineData("""{"status":"COMPLETED"}""", ProgressStatus.Completed, 100)]
    [InlineData("""{"status":"failed"}""", ProgressStatus.Failed, 0)]
    [InlineData("""{"status":7}""", ProgressStatus.Processing, 0)]
    [InlineData("""{}""", ProgressStatus.Processing, 0)]
    public void Read_status_and_progress_follow_the_rules(string json, ProgressStatus status, double percent)
    {
        var fields = Reading.Read(json);

        Assert.Equal((status, percent), (fields.Status, fields.Percent));
    }

    [Fact]
    public void Read_infinite_progress_is_clamped()
    {
        var fields = Reading.Read("""{"progress":1e999,"status":"processing"}""");

        Assert.Equal(100, fields.Percent);
    }

    [Theory]
    [InlineData("2026-01-03T10:30:45", "2026-01-03T10:30:45Z")]
    [InlineData("2026-01-03T10:30:45Z", "2026-01-03T10:30:45Z")]
    [InlineData("2026-01-03T10:30:45+05:30", "2026-01-03T05:00:45Z")]
    [InlineData("2026-01-03 10:30:45", "2026-01-03T10:30:45Z")]
    [InlineData("yesterday", "2026-01-03T12:00:00Z")]
    [InlineData("", "2026-01-03T12:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00", "2026-01-03T12:00:00Z")]
    public void Read_timestamp_without_offset_is_utc_and_junk_is_the_arrival(string text, string expected)
    {
        var fields = Reading.Read($$"""{"timestamp":"{{text}}"}""");

        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), fields.Timestamp);
        Assert.Equal(TimeSpan.Zero, fields.Timestamp.Offset);
    }

    [Fact]
    public void Read_escaped_text_is_unescaped()
    {
        var fields = Reading.Read("""{"message":"Gr\u00f6\u00dfe \ud83c\udf89 \"x\"","step":"\u0065xtraction","docu\u006dent_id":"\u0061"}""");

        Assert.Equal(("Größe 🎉 \"x\"", "extraction"), (fields.Message, fields.Step));
    }

    [Fact]
    public void Read_pretty_printed_message_is_read()
    {
        var fields = Reading.Read(" \r\n{\r\n\t\"progress\" : 45 ,\n  \"step\" : \"x\"\n}\n ");

        Assert.Equal((45.0, "x"), (fields.Percent, fields.Step));
    }

    [Fact]
    public void Read_extra_fields_are_kept_verbatim_on_one_line()
    {
        var fields = Reading.Read("{\"pages\":{\n\"done\" : [1,\r\n2.50]},\"progress\":1,\"tenant\":\"\\u00fc\",\"big\":123456789012345678901234567890}");

        Assert.Equal("""
            "pages":{ "done" : [1,  2.50]},"tenant":"\u00fc","big":123456789012345678901234567890
            """, Encoding.UTF8.GetString(fields.Extras.Span));
    }

    [Fact]
    public void Read_error_message_wins_over_error()
    {
        Assert.Equal("ours", Reading.Read("""{"status":"failed","error":"theirs","error_message":"ours"}""").ErrorMessage);
        Assert.Equal("theirs", Reading.Read("""{"status":"failed","error":"theirs","error_message":null}""").ErrorMessage);
    }

    [Fact]
    public void Read_null_fields_count_as_missing()
    {
        var fields = Reading.Read(
            """{"revision":null,"document_id":null,"status":null,"step":null,"progress":null,"message":null,"timestamp":null,"error_message":null,"error":null,"run":null,"remaining_seconds":null,"batch_id":null,"steps":null,"lease_seconds":null,"retention_seconds":null,"stalled_since":null}""");

        Assert.Equal(("a", ProgressStatus.Processing, "", 0.0, "", Reading.Now), (fields.DocumentId, fields.Status, fields.Step, fields.Percent, fields.Message, fields.Timestamp));
        Assert.Equal((null, null, null, null, null), (fields.Revision, fields.ErrorMessage, fields.Remaining, fields.BatchId, fields.Steps));
        Assert.True(fields.Extras.IsEmpty);
    }

    [Fact]
    public void Read_fields_of_other_types_count_as_missing_and_are_passed_over()
    {
        var fields = Reading.Read(
            """{"status":{"a":[1,{"b":2}]},"step":[1,2],"message":{"x":"y"},"timestamp":1767436245,"run":"2","remaining_seconds":"5","batch_id":7,"steps":"none","error":{"code":1},"progress":12}""");

        Assert.Equal((ProgressStatus.Processing, "", "", 12.0, Reading.Now, 0), (fields.Status, fields.Step, fields.Message, fields.Percent, fields.Timestamp, fields.Run));
        Assert.Equal((null, null, null, null), (fields.Remaining, fields.BatchId, fields.Steps, fields.ErrorMessage));
    }

    [Theory]
    [InlineData("-1", null)]
    [InlineData("1e999", null)]
    [InlineData("12.5", 12.5)]
    public void Read_remaining_seconds_out_of_range_counts_as_missing(string json, double? seconds) =>
        Assert.Equal(seconds, Reading.Read($$"""{"remaining_seconds":{{json}}}""").Remaining?.TotalSeconds);

    [Fact]
    public void Read_long_texts_are_cut_and_pairs_stay_whole()
    {
        var fields = Reading.Read($$"""{"message":"{{new string('m', 998)}}🎉🎉","step":"{{new string('s', 5000)}}","error":"{{new string('e', 5000)}}"}""");

        Assert.Equal(new string('m', 998) + "…", fields.Message);
        Assert.Equal(128, fields.Step.Length);
        Assert.Equal(1000, fields.ErrorMessage!.Length);
    }

    [Fact]
    public void Read_steps_that_are_none_are_passed_over()
    {
        var fields = Reading.Read(
            """{"steps":[1,"x",null,[{"name":"n"}],{},{"name":""},{"name":"no start"},{"name":"ok","status":"completed","started":"2026-01-03T10:00:00Z","seconds":1.5,"more":{"x":[]}}]}""");

        var step = Assert.Single(fields.Steps!);
        Assert.Equal(new ProgressStep("ok", ProgressStatus.Completed, new(2026, 1, 3, 10, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(1.5)), step);
    }

    [Fact]
    public void Read_more_than_64_steps_are_cut()
    {
        var steps = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"name":"s{{i}}","started":"2026-01-03T10:00:00Z"}"""));

        Assert.Equal(64, Reading.Read($$"""{"steps":[{{steps}}]}""").Steps!.Count);
    }

    [Theory]
    [InlineData("""{"document_id":"12"}""", "12")]
    [InlineData("""{"document_id":12}""", "12")]
    public void Read_document_id_may_be_a_number(string json, string documentId) => Reading.Read(json, documentId);

    [Fact]
    public void Read_batch_id_that_breaks_the_rules_counts_as_missing() =>
        Assert.Null(Reading.Read("""{"batch_id":"a\nb"}""").BatchId);
}
