using System.Text.Json;
using CsCheck;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>A handed-over attempt on its way through somebody's queue.</summary>
public sealed class ProgressAttemptTests
{
    private static readonly ProgressAttempt Attempt = new()
    {
        DocumentId = "a \"b\" 🎉",
        Attempt = 1764000000000,
        Number = 17,
        Run = 2,
        Percent = 37.5,
        Started = new(2026, 1, 3, 10, 30, 0, TimeSpan.Zero),
        BatchId = "batch",
        Plan = [("extraction", 3), ("embedding", 0.5)],
        Steps = [new("extraction", ProgressStatus.Processing, new(2026, 1, 3, 10, 30, 0, TimeSpan.Zero), TimeSpan.FromSeconds(1.5))],
    };

    [Fact]
    public void Parse_reads_what_ToString_wrote() => AssertSame(Attempt, ProgressAttempt.Parse(Attempt.ToString()));

    [Fact]
    public void ToString_is_one_line() => Assert.DoesNotContain('\n', Attempt.ToString());

    [Fact]
    public void Serializers_of_queues_carry_it_as_an_object() =>
        AssertSame(Attempt, JsonSerializer.Deserialize<ProgressAttempt>(JsonSerializer.Serialize(Attempt))!);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("1764000000000-17")]
    [InlineData("""{"documentId":"a","attempt":0,"number":1}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":0}""")]
    [InlineData("""{"documentId":"a","attempt":1000000000000000,"number":1}""")]
    [InlineData("""{"documentId":null,"attempt":1,"number":1}""")]
    [InlineData("""{"documentId":"","attempt":1,"number":1}""")]
    [InlineData("""{"documentId":"a\n","attempt":1,"number":1}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"percent":500}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"percent":-1}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"plan":[{"name":"x","weight":0}]}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"plan":[{"name":null,"weight":1}]}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"batchId":".."}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"run":-3}""")]
    [InlineData("""{"documentId":"a","attempt":1,"number":1,"steps":[null]}""")]
    public void TryParse_anything_else_is_refused(string text)
    {
        Assert.False(ProgressAttempt.TryParse(text, null, out _));
        Assert.Contains("whole text that ProgressAttempt.ToString() returned", Assert.Throws<FormatException>(() => ProgressAttempt.Parse(text)).Message, StringComparison.Ordinal);
    }

    // Not among the texts above: an attribute cannot hold it.
    [Fact]
    public void TryParse_half_a_surrogate_pair_is_refused() => TryParse_anything_else_is_refused("\ud83d");

    [Fact]
    public void TryParse_nothing_is_refused() => Assert.False(ProgressAttempt.TryParse(null, null, out _));

    [Fact]
    public async Task TryParse_damaged_text_is_refused_or_can_be_continued()
    {
        var text = Attempt.ToString();
        await using var app = ProgressApp.Create();
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char[' ', '~'], Gen.Int[0, 2]).Sample(
            (at, c, damage) =>
            {
                var damaged = damage switch
                {
                    0 => text[..at],
                    1 => text[..at] + c + text[at..],
                    _ => text[..at] + c + text[(at + 1)..],
                };
                if (ProgressAttempt.TryParse(damaged, null, out var attempt))
                {
                    var job = app.Publisher.Start(attempt.DocumentId, null, new() { Continue = attempt });
                    job.StartStep("extraction");
                    job.Report(0.5);
                    Assert.InRange(job.Percent, 0, 100);
                    job.Complete();
                }
            },
            iter: 2000);
        await app.FlushAsync();
        Assert.Empty(app.Log.Named("PumpFailed"));
    }

    private static void AssertSame(ProgressAttempt expected, ProgressAttempt actual)
    {
        Assert.Equal(expected.Plan, actual.Plan);
        Assert.Equal(expected.Steps, actual.Steps);
        Assert.Equal(expected with { Plan = [], Steps = [] }, actual with { Plan = [], Steps = [] });
    }
}
