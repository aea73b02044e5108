using System.Text;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What a WebSocket client may send, and what else it might.</summary>
public sealed class SocketCommandTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 3, 10, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Parse_all_commands_in_one_message()
    {
        var command = Parse("""{"later":{"x":[1]},"watch":{"a":"1764000000000-17","b":null,"c":"junk"},"unwatch":["d"],"unwatch_batches":["d"],"watch_batches":{"a":"1764000000000-3"},"ping":3}""");

        Assert.Null(command.Problem);
        Assert.Equal([new("a", new ProgressRevision(1764000000000, 17)), new("b", null), new("c", null), new(Subject.Batch("a"), new ProgressRevision(1764000000000, 3))], command.Watch!);
        Assert.Equal(["d", Subject.Batch("d")], command.Unwatch!);
        Assert.Equal(3, command.Ping);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"watch\"")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{}{}")]
    [InlineData("""{"Watch":{"a":null}}""")]
    [InlineData("""{"watch":null}""")]
    [InlineData("""{"watch":["a"]}""")]
    [InlineData("""{"watch":{"a":1}}""")]
    [InlineData("""{"watch":{"a":{}}}""")]
    [InlineData("""{"watch":{"":null}}""")]
    [InlineData("""{"watch":{"\u0000":null}}""")]
    [InlineData("""{"watch":{"\ud800":null}}""")]
    [InlineData("""{"watch":{"a":null}""")]
    [InlineData("""{"watch":{"a":null}}]""")]
    [InlineData("""{"watch":{"a":null},"watch":{"b":0}}""")]
    [InlineData("""{"watch":{"1":null,"2":null,"3":null,"4":null,"5":null}}""")]
    [InlineData("""{"watch":{"1":null,"2":null,"3":null},"watch_batches":{"1":null,"2":null}}""")]
    [InlineData("""{"watch_batches":{"..":null}}""")]
    [InlineData("""{"watch_batches":["a"]}""")]
    [InlineData("""{"unwatch_batches":{"a":null}}""")]
    [InlineData("""{"unwatch":"a"}""")]
    [InlineData("""{"unwatch":[1]}""")]
    [InlineData("""{"unwatch":[["a"]]}""")]
    [InlineData("""{"unwatch":["a"}""")]
    [InlineData("""{"ping":null}""")]
    [InlineData("""{"ping":"1"}""")]
    [InlineData("""{"ping":1.5}""")]
    [InlineData("""{"ping":99999999999999999999}""")]
    [InlineData("{\"ping\":1}\0")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public void Parse_junk_has_a_problem_and_no_command(string message)
    {
        var command = Parse(message);

        Assert.EndsWith(".", command.Problem, StringComparison.Ordinal);
        Assert.Equal((null, null, null), (command.Watch, command.Unwatch, command.Ping));
    }

    [Fact]
    public void Parse_generated_junk_is_refused_or_within_the_limits()
    {
        var random = new Random(20260103);
        string[] parts = ["{", "}", "[", "]", ":", ",", "\"watch\"", "\"unwatch\"", "\"watch_batches\"", "\"ping\"", "\"a\"", "\"1764000000000-17\"", "null", "1", "-1e9", "\"\\ud83d\"", " ", "\u00ff", "true"];
        byte[][] valid = [.. new[] { """{"watch":{"a":null,"b":"1764000000000-17"}}""", """{"unwatch":["a","b"],"ping":1}""" }.Select(Encoding.UTF8.GetBytes)];
        for (var i = 0; i < 50_000; i++)
        {
            byte[] message;
            if (i % 2 == 0)
            {
                message = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => parts[random.Next(parts.Length)])));
            }
            else
            {
                message = [.. valid[random.Next(valid.Length)]];
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            var command = SocketCommand.Parse(message, mostDocuments: 4, Now);
            Assert.True(command.Problem is null == (command.Watch ?? command.Unwatch ?? (object?)command.Ping) is not null, Encoding.Latin1.GetString(message));
            Assert.True(command.Watch is null || command.Watch.Count <= 4 && command.Watch.Keys.All(subject => Wire.DocumentIds.Problem(subject.Id) is null), Encoding.Latin1.GetString(message));
        }
    }

    private static SocketCommand Parse(string message) => SocketCommand.Parse(Encoding.UTF8.GetBytes(message), mostDocuments: 4, Now);
}
