using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>The host's database answers when the backplane cannot, or has forgotten.</summary>
public sealed class SnapshotSourceTests : IAsyncDisposable
{
    private readonly SourceRecord _record = new();
    private readonly ProgressApp _app;

    public SnapshotSourceTests() => _app = ProgressApp.Create(
        builder =>
        {
            builder.Services.AddSingleton(_record);
            builder.UseSnapshotSource<RecordSource>();
        },
        options => options.QuietInterval = TimeSpan.FromMilliseconds(100));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task GetSnapshotAsync_backplane_knows_nothing_source_answers()
    {
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Completed, 100))];

        var state = await _app.Subscriber.GetSnapshotAsync("a");

        Assert.Equal(("a", ProgressStatus.Completed, null), (state!.DocumentId, state.Status, state.Revision));
        Assert.Equal(ReadingOrigin.Database, (await _app.Hub.ReadAsync("a")).Origin);
    }

    [Fact]
    public async Task GetSnapshotAsync_source_does_not_know_it_either_document_is_unknown()
    {
        Assert.Null(await _app.Subscriber.GetSnapshotAsync("a"));
        Assert.True((await _app.Hub.ReadAsync("a")).IsUnknown);
    }

    [Fact]
    public async Task GetSnapshotAsync_stored_state_source_is_not_asked()
    {
        await _app.Publisher.PublishAsync(new("a", "x", 10));

        Assert.Equal(10, (await _app.StoredAsync("a")).Percent);
        Assert.Equal(0, _record.Calls);
    }

    [Fact]
    public async Task GetSnapshotAsync_source_throws_counts_as_no_answer_and_is_logged()
    {
        _record.Answer = _ => throw new InvalidOperationException("database away");

        Assert.Null(await _app.Subscriber.GetSnapshotAsync("a"));

        Assert.False((await _app.Hub.ReadAsync("a")).IsUnknown);
        Assert.IsType<InvalidOperationException>((await _app.Log.WaitForAsync("SourceFailed")).Exception);
    }

    [Fact]
    public async Task GetSnapshotAsync_many_at_once_are_few_calls_with_each_document_once()
    {
        var asked = new List<IReadOnlyCollection<string>>();
        _record.Answer = ids =>
        {
            lock (asked)
                asked.Add([.. ids]);
            return [.. ids.Select(id => Snapshot(id, ProgressStatus.Pending, 0))];
        };

        var states = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => _app.Subscriber.GetSnapshotAsync($"d{i % 250}").AsTask()));

        Assert.All(states, (state, i) => Assert.Equal($"d{i % 250}", state!.DocumentId));
        Assert.All(asked, ids => Assert.InRange(ids.Count, 1, 100));
        Assert.All(asked, ids => Assert.Equal(ids.Count, ids.Distinct().Count()));
        Assert.InRange(asked.Count, 3, 100);
    }

    [Fact]
    public async Task SubscribeAsync_end_in_the_source_ends_the_sequence()
    {
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Failed, 40))];
        await using var history = new History(_app.Subscriber, "a");

        Assert.Equal((ProgressStatus.Failed, 40), (Assert.Single(await history.EndAsync()).Status, history.States[0].Percent));
    }

    [Fact]
    public async Task SubscribeAsync_source_is_asked_again_and_each_state_shown_once()
    {
        // The steps are another list in each answer, as they are from a database.
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Processing, 40) with { Steps = [new("ocr", ProgressStatus.Processing, DateTimeOffset.UnixEpoch)] })];
        await using var history = new History(_app.Subscriber, "a");
        await history.NextAsync();
        await Eventually.TrueAsync(() => _record.Calls >= 4, "three more questions");
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Completed, 100))];

        Assert.Equal([40, 100], (await history.EndAsync()).Select(state => state.Percent));
    }

    [Fact]
    public async Task GetSnapshotAsync_status_that_does_not_exist_counts_as_no_answer_and_the_log_says_which()
    {
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, (ProgressStatus)99, 40))];

        Assert.Null(await _app.Subscriber.GetSnapshotAsync("a"));
        Assert.Contains(_app.Log.Named("SourceFailed"), entry => entry.Exception?.Message.Contains("document 'a' the status 99", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task SubscribeAsync_stored_state_replaces_one_of_the_source()
    {
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Processing, 40))];
        await using var history = new History(_app.Subscriber, "a");
        await history.NextAsync();

        await _app.Publisher.PublishAsync(new("a", "x", 10));

        Assert.NotNull((await history.NextAsync()).Revision);
    }

    [Fact]
    public async Task SubscribeAsync_reader_that_has_a_state_is_shown_only_the_end_of_the_source()
    {
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Processing, 0))];
        await using var history = new History(_app.Subscriber, "a", after: new(1764000000000, 40));
        await Eventually.TrueAsync(() => _record.Calls >= 2, "one more question");
        _record.Answer = ids => [.. ids.Select(id => Snapshot(id, ProgressStatus.Completed, 100))];

        Assert.Equal([100], (await history.EndAsync()).Select(state => state.Percent));
    }

    [Fact]
    public void Standing_end_of_the_source_counts_over_an_unfinished_stored_state_and_not_over_an_end()
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        foreach (var (stored, expected) in ((ProgressStatus, ProgressStatus)[])[(ProgressStatus.Processing, ProgressStatus.Failed), (ProgressStatus.Completed, ProgressStatus.Completed)])
        {
            var standing = new Standing();
            var fields = Offers.Fields("a", stored);
            fields.Revision = new(1, 1);
            standing.Offer(new(fields, Progress.Wire.StateOrigin.Stored), isLeaseAlive: false, isLive: false, now);
            standing.Offer(new(Offers.Fields("a", ProgressStatus.Failed), Progress.Wire.StateOrigin.Source), isLeaseAlive: false, isLive: false, now);

            Assert.Equal(expected, standing.Current!.Status);
        }
    }

    [Fact]
    public void Standing_unfinished_state_of_the_source_never_counts_over_a_stored_one()
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        var standing = new Standing();
        var fields = Offers.Fields("a", message: "stored");
        fields.Revision = new(1, 1);
        standing.Offer(new(fields, Progress.Wire.StateOrigin.Stored), isLeaseAlive: false, isLive: false, now);

        Assert.False(standing.Offer(new(Offers.Fields("a", message: "source"), Progress.Wire.StateOrigin.Source), isLeaseAlive: false, isLive: false, now));
        Assert.Equal("stored", standing.Current!.Snapshot.Message);
    }

    private static ProgressSnapshot Snapshot(string id, ProgressStatus status, double percent) =>
        new() { DocumentId = id, Status = status, Percent = percent, Timestamp = DateTimeOffset.UnixEpoch.AddYears(50) };
}
