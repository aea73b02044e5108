using System.Diagnostics.CodeAnalysis;
using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>What a topic makes of messages of which some were lost, and of a store that forgets.</summary>
[SuppressMessage("Reliability", "CA2000", Justification = "Watches hold nothing.")]
public sealed class TopicTests : IAsyncDisposable
{
    private const string Lease = ",\"lease_seconds\":3,\"retention_seconds\":86400";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 3, 10, 31, 0, TimeSpan.Zero));
    private readonly ProgressApp _app;
    private readonly Topic _topic;
    private readonly Mailbox _mailbox = new();

    public TopicTests()
    {
        _app = ProgressApp.Create(time: _time);
        _topic = new("a", _app.Hub);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Receive_next_message_is_delivered_short()
    {
        Watch(null);
        Receive(1, "s0", steps: ["s0"]);
        Take();
        Receive(2, "s0");

        Assert.Equal((2, false), Take());
    }

    [Fact]
    public void Receive_message_after_a_lost_one_is_delivered_in_full()
    {
        Watch(null);
        Receive(1, "s0", steps: ["s0"]);
        Take();
        Receive(3, "s2", steps: ["s0", "s1", "s2"]);

        Assert.Equal((3, true), Take());
    }

    [Fact]
    public void Receive_messages_that_overtook_each_other_are_both_shown_without_the_store()
    {
        Watch(null);
        Receive(1, "s0", steps: ["s0"]);
        Take();
        Receive(3, "s0");
        Assert.Null(Take());

        Receive(2, "s0");

        Assert.Equal(3, Take()!.Value.Number);
    }

    [Fact]
    public void Receive_short_message_after_a_lost_one_waits_for_the_store()
    {
        Watch(null);
        Receive(1, "s0", steps: ["s0"]);
        Take();
        Receive(3, "s1");
        Receive(4, "s1");
        Assert.True(_topic.IsReadDue);
        Assert.Null(Take());

        Look(2, "s1", steps: ["s0", "s1"]);

        Assert.Equal((4, true), Take());
        Assert.Equal(["s0", "s1"], _topic.Current!.Snapshot.Steps.Select(step => step.Name));
    }

    [Fact]
    public void Receive_two_steps_in_one_message_is_delivered_in_full()
    {
        Watch(null);
        Receive(1, "s0", steps: ["s0"]);
        Take();
        Receive(2, "s2", steps: ["s0", "s1", "s2"]);

        Assert.Equal((2, true), Take());
    }

    [Fact]
    public void Watch_after_something_newer_than_the_end_that_is_known_is_not_finished()
    {
        Look(5, "s0", status: "completed");

        Assert.True(Watch(new(1764000000000, 5)).IsFinished);
        Assert.False(Watch(new(1764000000001, 2)).IsFinished);
    }

    [Fact]
    public void Look_store_forgot_a_state_whose_worker_is_dead_is_stalled_after_a_lease()
    {
        Receive(1, "s0", steps: ["s0"], more: Lease);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(_topic.StalledSince);
            _time.Advance(TimeSpan.FromSeconds(1));
            _topic.Look(null);
        }

        Assert.NotNull(_topic.StalledSince);
    }

    [Fact]
    public void Look_store_forgot_a_state_that_its_worker_offers_again_is_not_stalled()
    {
        Receive(1, "s0", steps: ["s0"], more: Lease);
        for (var i = 2; i < 8; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _topic.Look(null);
            Receive(i, "s0", steps: ["s0"], more: Lease);
        }

        Assert.Null(_topic.StalledSince);
    }

    private Watch Watch(ProgressRevision? after) => _topic.Join(_mailbox, after)!;

    private void Receive(int number, string step, string[]? steps = null, string more = "") => _topic.Receive(Json(number, step, "processing", steps, more));

    private void Look(int number, string step, string[]? steps = null, string status = "processing") =>
        _topic.Look(new StoredState(new(1764000000000, number), Json(number, step, status, steps, ""), TimeSpan.FromSeconds(number), TimeSpan.FromHours(24)));

    private (long Number, bool IsFull)? Take() => _mailbox.TryTake(out var delivery) && delivery.State is { } state ? (state.Revision!.Value.Number, delivery.Full) : null;

    private static byte[] Json(int number, string step, string status, string[]? steps, string more)
    {
        var list = steps is null ? "" : $",\"steps\":[{string.Join(',', steps.Select(name => $"{{\"name\":\"{name}\",\"status\":\"processing\",\"started\":\"2026-01-03T10:30:45Z\"}}"))}]";
        return Encoding.UTF8.GetBytes($"{{\"revision\":\"1764000000000-{number}\",\"status\":\"{status}\",\"document_id\":\"a\",\"step\":\"{step}\",\"progress\":1,\"message\":\"\",\"timestamp\":\"2026-01-03T10:30:45Z\"{list}{more}}}");
    }
}
