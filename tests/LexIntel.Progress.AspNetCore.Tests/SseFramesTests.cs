using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using CsCheck;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Whatever stands in a state, its block is one event that says the same. A failure prints a seed that replays it.</summary>
public sealed class SseFramesTests
{
    // Line ends of all kinds among everything else; half a pair is written as a replacement character by design.
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Int[1, 0x10ffff].Where(code => code is < 0xd800 or > 0xdfff).Select(char.ConvertFromUtf32),
        Gen.Char["\r\n\u0085\u2028\u2029:\"\\ \0\uFEFF"].Select(c => c.ToString())).Array[0, 40].Select(string.Concat);

    [Fact]
    public void State_of_any_text_is_one_event_that_reads_back() => Gen.Select(Texts, Texts, Texts, Gen.Long[1, ProgressRevision.MaxPart], Gen.Bool).Sample((step, message, error, number, full) =>
    {
        var state = new State(
            new StateFields
            {
                DocumentId = "a",
                Revision = new(1764000000000, number),
                Status = ProgressStatus.Failed,
                Step = step,
                Message = message,
                ErrorMessage = error,
                Timestamp = DateTimeOffset.UnixEpoch,
                Steps = [new(step.Length > 0 ? step : "s", ProgressStatus.Failed, DateTimeOffset.UnixEpoch)],
            },
            StateOrigin.Stored);

        var block = new ArrayBufferWriter<byte>();
        SseFrames.WriteState(block, state, full);
        var item = Assert.Single(SseParser.Create(new MemoryStream(block.WrittenSpan.ToArray())).Enumerate());

        using var json = JsonDocument.Parse(item.Data);
        Assert.Equal(($"1764000000000-{number}", SseParser.EventTypeDefault), (item.EventId, item.EventType));
        Assert.Equal((step, message, error), (Field(json, "step"), Field(json, "message"), Field(json, "error_message")));
    });

    private static string? Field(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString();
}
