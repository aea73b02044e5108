using System.Diagnostics.CodeAnalysis;
using System.Text;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>States are used again when nobody holds them, and never before.</summary>
[SuppressMessage("Reliability", "CA2000", Justification = "Watches hold nothing.")]
public sealed class StateReuseTests : IAsyncDisposable
{
    private readonly ProgressApp _app = ProgressApp.Create();
    private readonly Topic _topic;
    private readonly Mailbox _mailbox = new();
    private int _number;

    public StateReuseTests()
    {
        _topic = new("a", _app.Hub);
        _topic.Receive(Message("""[{"name":"s0","status":"processing","started":"2026-01-03T10:30:45Z"}]"""));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void State_that_a_reader_writes_stays_as_it_is_while_newer_ones_come()
    {
        _topic.Join(_mailbox, after: null);
        Take().Release();
        var message = Message();
        _topic.Receive(message);
        var delivery = Take();

        for (var i = 0; i < 10; i++)
            _topic.Receive(Message());

        Assert.Equal(Encoding.UTF8.GetString(message), Encoding.UTF8.GetString(delivery.State!.Json(full: false).Span));
    }

    [Fact]
    public void State_that_a_slow_reader_has_not_taken_is_the_newest_and_whole()
    {
        var other = new Mailbox();
        _topic.Join(_mailbox, after: null);
        _topic.Join(other, after: null);
        byte[] message = [];
        for (var i = 0; i < 10; i++)
        {
            _topic.Receive(message = Message());
            Assert.True(other.TryTake(out var quick));
            quick.Release();
        }

        Assert.Equal(Encoding.UTF8.GetString(message), Encoding.UTF8.GetString(Take().State!.Json(full: false).Span));
    }

    [Fact]
    public void State_that_was_asked_for_stays_as_it_is()
    {
        var message = Message();
        _topic.Receive(message);
        var current = _topic.Current!;

        for (var i = 0; i < 10; i++)
            _topic.Receive(Message());

        Assert.Equal(Encoding.UTF8.GetString(message), Encoding.UTF8.GetString(current.Json(full: false).Span));
    }

    [Fact]
    public void State_of_a_reader_that_left_is_free_and_the_document_keeps_its_own()
    {
        var watch = _topic.Join(_mailbox, after: null)!;
        var message = Message();
        _topic.Receive(message);
        watch.Dispose();
        // Others would take what is free.
        var other = new Topic("a", _app.Hub);
        other.Receive(Message());
        other.Receive(Message());

        Assert.Equal(Encoding.UTF8.GetString(message), Encoding.UTF8.GetString(_topic.Current!.Json(full: false).Span));
    }

    [Fact]
    public void Steady_updates_that_are_read_allocate_next_to_nothing()
    {
        _topic.Join(_mailbox, after: null);
        Take().Release();
        var messages = Enumerable.Range(0, 1100).Select(_ => Message(batch: "b")).ToArray();
        foreach (var message in messages[..100])
            ReceiveAndTake(message);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var message in messages[100..])
            ReceiveAndTake(message);

        // A state and its bytes are more than 400; other tests may hold what this one gave back.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0, 0, 40);

        void ReceiveAndTake(byte[] message)
        {
            _topic.Receive(message);
            Take().Release();
        }
    }

    private Delivery Take()
    {
        Assert.True(_mailbox.TryTake(out var delivery));
        return delivery;
    }

    private byte[] Message(string? steps = null, string? batch = null)
    {
        var more = (batch is null ? "" : $",\"batch_id\":\"{batch}\"") + (steps is null ? "" : $",\"steps\":{steps}");
        return Encoding.UTF8.GetBytes($$"""{"revision":"1764000000000-{{++_number}}","status":"processing","document_id":"a","step":"s0","progress":{{_number % 90}},"message":"","timestamp":"2026-01-03T10:30:45.123Z"{{more}}}""");
    }
}
