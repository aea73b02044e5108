using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>The files in tests/wire, which the tests of the browser client read as well: what is read from them is written again, byte by byte.</summary>
public sealed class WireFilesTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "tests/wire");
    private static readonly DateTimeOffset Now = new(2026, 1, 3, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> States => Files("state.*.json");

    public static TheoryData<string> Batches => Files("batch.*.json");

    public static TheoryData<string> Foreign => [.. Directory.GetFiles(Folder, "foreign.*.json").Where(file => !file.EndsWith(".shown.json", StringComparison.Ordinal)).Select(file => Path.GetFileName(file))];

    public static TheoryData<string> Streams => Files("*.sse");

    [Theory]
    [MemberData(nameof(States))]
    public void State_is_written_as_it_was_read(string name)
    {
        var json = Read(name).TrimEnd();
        Assert.Equal(json, Write(ReadState(json)));
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Batch_is_written_as_it_was_read(string name)
    {
        var json = Read(name).TrimEnd();
        Assert.Equal(json, Write(ReadBatch(json)));
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Foreign_message_is_shown_as_the_file_beside_it_says(string name)
    {
        Assert.Equal(StateRejection.None, StateReader.Read(Encoding.UTF8.GetBytes(Read(name).TrimEnd()), "abc-123", Now, out var fields));
        Assert.Equal(Read(name.Replace(".json", ".shown.json", StringComparison.Ordinal)).TrimEnd(), Write(new(fields, StateOrigin.Foreign)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Stream_is_made_of_our_blocks(string name)
    {
        var blocks = Read(name).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.True(blocks.Length > 5);
        foreach (var block in blocks)
            Assert.Equal(Today(block) + "\n\n", Encoding.UTF8.GetString(Frame(block)));
    }

    /// <summary>The last block had no event before 1.0; whoever read that reads the id all the same.</summary>
    private static string Today(string block) => block.EndsWith("-end", StringComparison.Ordinal) ? block + "\nevent: end\ndata: {}" : block;

    /// <summary>What the product writes for what a block says.</summary>
    private static byte[] Frame(string block)
    {
        var fields = block.Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        if (fields.TryGetValue("retry", out var retry))
            return SseFrames.Retry(TimeSpan.FromMilliseconds(int.Parse(retry, CultureInfo.InvariantCulture)));
        if (!fields.TryGetValue("data", out var data))
            return SseFrames.End(LastEventId.Parse(fields["id"], Now).Revision);

        var json = JsonNode.Parse(data)!;
        string Text(string field) => (string)json[field]!;
        DateTimeOffset Time(string field) => DateTimeOffset.Parse(Text(field), CultureInfo.InvariantCulture);
        return fields.GetValueOrDefault("event") switch
        {
            null when (string?)json["status"] == "connected" => SseFrames.Event(StreamEvent.Connected(Text("document_id"), Time("timestamp"))),
            null => Block(ReadState(data)),
            "batch" => Block(ReadBatch(data)),
            "heartbeat" => SseFrames.Event(StreamEvent.Heartbeat),
            "stalled" => SseFrames.Event(StreamEvent.Stalled(Text("document_id"), Time("since"))),
            "resumed" => SseFrames.Event(StreamEvent.Resumed(Text("document_id"))),
            "degraded" => SseFrames.Event(StreamEvent.Degraded(new Degradation(Time("since"), Text("reason"), Detail: ""))),
            "recovered" => SseFrames.Event(StreamEvent.Recovered),
            "end" => SseFrames.End(LastEventId.Parse(fields["id"], Now).Revision),
            "denied" => SseFrames.Event(StreamEvent.Denied(new(Text("document_id"), IsBatch: false), (int)json["status"]!)),
            "bye" => SseFrames.Event(StreamEvent.Bye(Text("reason"), retry: null)),
            var other => throw new InvalidOperationException($"No server writes an event '{other}'."),
        };
    }

    private static byte[] Block(State state)
    {
        var output = new ArrayBufferWriter<byte>();
        SseFrames.WriteState(output, state, full: true);
        return output.WrittenSpan.ToArray();
    }

    private static State ReadState(string json)
    {
        Assert.Equal(StateRejection.None, StateReader.Read(Encoding.UTF8.GetBytes(json), (string)JsonNode.Parse(json)!["document_id"]!, Now, out var fields));
        return new(fields, StateOrigin.Stored);
    }

    private static State ReadBatch(string json)
    {
        Assert.Equal(StateRejection.None, BatchReader.Read(Encoding.UTF8.GetBytes(json), (string)JsonNode.Parse(json)!["batch_id"]!, Now, out var fields));
        return new(fields, StateOrigin.Stored);
    }

    private static string Write(State state)
    {
        var output = new ArrayBufferWriter<byte>();
        state.Write(output, stalledSince: null);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    private static TheoryData<string> Files(string pattern) =>
        [.. Directory.GetFiles(Folder, pattern).Where(file => !file.EndsWith(".sse.json", StringComparison.Ordinal)).Select(file => Path.GetFileName(file))];
}
