using System.Globalization;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>Messages of existing publishers, which send and store nothing.</summary>
public abstract class ForeignContract(SharedServers servers) : BackplaneTest(servers)
{
    [Fact]
    public async Task Reader_messages_of_the_compatibility_page_arrive_one_by_one_and_the_failure_ends_it()
    {
        var api = App();
        await using var history = await WatchAsync(api, "abc-123");

        await SendForeignAsync("abc-123", """{"document_id":"abc-123","status":"processing","step":"extraction","progress":10,"message":"Extracting…","timestamp":"2026-01-03T10:30:45.123456"}""");
        var first = await history.NextAsync();
        await SendForeignAsync("abc-123", """{"progress":45,"step":"extraction","message":"Extracting text from document..."}""");
        // A Cluster's message may come twice, while its client finds its nodes.
        var second = await history.UntilAsync(state => state != first, "the second message");
        await SendForeignAsync("abc-123", """{"status":"failed","error":"…","timestamp":"2026-01-03T10:30:45.123456"}""");
        var states = await history.EndAsync();

        Assert.Equal(("abc-123", ProgressStatus.Processing, "extraction", 10, "Extracting…", null), (first.DocumentId, first.Status, first.Step, first.Percent, first.Message, first.Revision));
        Assert.Equal(("abc-123", ProgressStatus.Processing, 45), (second.DocumentId, second.Status, second.Percent));
        Assert.Equal((3, ProgressStatus.Failed, "…"), (states.DistinctBy(state => (state.Status, state.Percent)).Count(), states[^1].Status, states[^1].ErrorMessage));
    }

    [Fact]
    public async Task Reader_of_a_burst_of_messages_sees_them_in_order()
    {
        const int Count = 2_000;
        await using var history = await WatchAsync(App(), "a");

        await ProbeAsync();
        await Task.WhenAll(Enumerable.Range(1, Count).Select(number => SendForeignAsync("a", $$"""{"progress":1,"message":"{{number}}"}""")));
        await SendForeignAsync("a", $$"""{"status":"failed","message":"{{Count + 1}}"}""");

        var numbers = (await history.EndAsync()).Select(state => int.Parse(state.Message, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(Count + 1, numbers[^1]);
    }

    [Fact]
    public async Task Reader_of_a_burst_of_messages_about_a_stored_document_ends_with_the_last()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new("a", "x", 50), Stopped);
        await worker.Publisher.FlushAsync(TimeSpan.FromSeconds(30), Stopped);
        await using var history = await WatchAsync(api, "a");
        await ProbeAsync();

        await Task.WhenAll(Enumerable.Range(1, 2_000).Select(number => SendForeignAsync("a", $$"""{"progress":60,"message":"{{number}}","timestamp":"2099-01-01T00:00:00"}""")));
        await SendForeignAsync("a", """{"status":"failed","message":"last","timestamp":"2099-01-01T00:00:00"}""");

        Assert.Equal("last", (await history.EndAsync())[^1].Message);
    }

    [Fact]
    public async Task Reader_progress_100_with_status_processing_does_not_end()
    {
        await using var history = await WatchAsync(App(), "a");

        await SendForeignAsync("a", """{"status":"processing","progress":100}""");
        Assert.False((await history.NextAsync()).IsTerminal);
        await SendForeignAsync("a", """{"progress":100}""");

        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);
    }

    [Fact]
    public async Task Reader_junk_between_messages_disturbs_nothing()
    {
        var api = App();
        await using var history = await WatchAsync(api, "a");
        foreach (var junk in (string[])["", "hello", "[1]", "{", """{"document_id":"b","progress":99}""", """{"progress":1,"progress":2}""", """{"revision":"999999999999999-1"}""", "{\"x\":\"" + new string('x', 17_000) + "\"}"])
            await SendForeignAsync("a", junk);
        await SendForeignAsync("a", """{"progress":5}""");

        Assert.Equal(5, (await history.NextAsync()).Percent);
        Assert.All(history.States, static state => Assert.Equal(5, state.Percent));
        // The first messages may overtake each other on their way through the threads, and one that says that it has a revision may come twice.
        string[] expected = ["forged_revision", "not_an_object", "not_json", "other_document", "repeated_field", "too_large"];
        await Eventually.TrueAsync(() => expected.SequenceEqual(Reasons()), "each reason");

        IEnumerable<string> Reasons() => api.Log.Named("MessageDropped").Select(message => message.Text.Split(": ")[^1].TrimEnd('.')).Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Reader_foreign_message_while_a_jobs_lease_is_alive_is_ignored()
    {
        var (worker, api) = (App(), App());
        await using var history = await WatchAsync(api, "a");
        await using var job = worker.Publisher.Start("a");
        await history.NextAsync();

        await SendForeignAsync("a", """{"progress":99,"message":"foreign","timestamp":"2099-01-01T00:00:00"}""");
        job.Complete();

        Assert.DoesNotContain(await history.EndAsync(), state => state.Message == "foreign");
    }

    [Fact]
    public async Task Reader_foreign_message_older_than_the_stored_state_is_ignored()
    {
        var (worker, api) = (App(), App());
        await using var history = await WatchAsync(api, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 50), Stopped);
        await history.NextAsync();

        await SendForeignAsync("a", """{"progress":99,"message":"foreign","timestamp":"2020-01-01T00:00:00"}""");
        await SendForeignAsync("a", """{"progress":60,"message":"newer","timestamp":"2099-01-01T00:00:00"}""");

        Assert.Equal("newer", (await history.NextAsync()).Message);
    }

    [Fact]
    public async Task Reader_foreign_message_of_a_clock_that_is_ahead_does_not_hide_a_job_that_begins()
    {
        var (worker, api) = (App(), App());
        await using var history = await WatchAsync(api, "a");
        await SendForeignAsync("a", """{"progress":10,"timestamp":"2099-01-01T00:00:00"}""");
        await history.NextAsync();

        await using var job = worker.Publisher.Start("a");
        job.StartStep("extraction");

        await history.UntilAsync(state => state.Step == "extraction", "the job");
        job.Complete();
        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);
    }

    [Fact]
    public async Task Reader_foreign_message_of_a_clock_that_is_ahead_does_not_hide_the_stored_end()
    {
        var (worker, api) = (App(), App());
        await using var history = await WatchAsync(api, "a");
        await SendForeignAsync("a", """{"progress":10,"timestamp":"2099-01-01T00:00:00"}""");
        await history.NextAsync();

        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        Assert.Equal(ProgressStatus.Completed, (await history.EndAsync())[^1].Status);
    }

    [Fact]
    public async Task Reader_late_joiner_of_a_watched_document_gets_the_newest_foreign_state()
    {
        var api = App();
        await using var early = await WatchAsync(api, "a");
        await SendForeignAsync("a", """{"progress":45}""");
        await early.NextAsync();

        await using var late = new History(api.Subscriber, "a");

        Assert.Equal(45, (await late.NextAsync()).Percent);
        Assert.Equal(45, (await api.Subscriber.GetSnapshotAsync("a", Stopped))!.Percent);
    }

    [Fact]
    public async Task Reader_foreign_end_is_kept_for_the_linger_time()
    {
        var api = App();
        await using (var history = await WatchAsync(api, "a"))
        {
            await SendForeignAsync("a", """{"status":"completed"}""");
            await history.EndAsync();
        }

        await using var late = new History(api.Subscriber, "a");

        Assert.Equal(ProgressStatus.Completed, Assert.Single(await late.EndAsync()).Status);
    }

    private static async Task<History> WatchAsync(ProgressApp api, string documentId)
    {
        var history = new History(api.Subscriber, documentId);
        await api.Hub.WaitUntilOpenAsync(documentId);
        return history;
    }
}

public sealed class GarnetForeignTests(SharedServers servers) : ForeignContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisForeignTests(SharedServers servers) : ForeignContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterForeignTests(SharedServers servers) : ForeignContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}
