using System.Net.ServerSentEvents;
using LexIntel.Progress;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Samples.Tests;

/// <summary>The tests of docs/testing.md, and what they test.</summary>
public sealed class TestKitTests
{
    [Fact]
    public async Task Import_reports_every_page_and_its_end()
    {
        await using var progress = new TestProgress();

        await new Importer(progress).RunAsync("42", ["first page", "second page"]);

        Assert.Equal(
            ["extraction 0", "extraction 12.5", "extraction 25", "embedding 25", "embedding 62.5", "embedding 99.9", "embedding 100"],
            progress.Reported("42").Select(state => $"{state.Step} {state.Percent}"));
        Assert.Equal(ProgressStatus.Completed, progress.Reported("42")[^1].Status);
    }

    [Fact]
    public async Task Import_of_an_empty_page_fails_with_words_for_its_user()
    {
        await using var progress = new TestProgress();

        await Assert.ThrowsAsync<InvalidDataException>(() => new Importer(progress).RunAsync("42", [""]));

        var end = progress.Reported("42")[^1];
        Assert.Equal((ProgressStatus.Failed, "A page is empty."), (end.Status, end.ErrorMessage));
    }

    [Fact]
    public async Task Screen_shows_where_it_stopped_and_why()
    {
        var subscriber = new ScriptedSubscriber(
            new() { DocumentId = "42", Status = ProgressStatus.Processing, Percent = 40, Message = "Reading page 4" },
            new() { DocumentId = "42", Status = ProgressStatus.Failed, Percent = 40, ErrorMessage = "The file is damaged." });
        var screen = new Screen();

        await screen.ShowAsync(subscriber, "42");

        Assert.Equal(["40 % Reading page 4", "40 % The file is damaged."], screen.Lines);
    }

    [Fact]
    public async Task Document_whose_worker_was_killed_is_stalled_after_its_lease()
    {
        var time = new FakeTimeProvider();
        await using var progress = new TestProgress(time);
        progress.Start("42").Report(0.4);
        await progress.FlushAsync(Timeout.InfiniteTimeSpan);

        await progress.KillWorkerAsync();
        time.Advance(TimeSpan.FromSeconds(16));

        Assert.NotNull((await progress.GetSnapshotAsync("42"))!.StalledSince);
    }

    [Fact]
    public async Task Reader_gets_at_most_one_state_a_second()
    {
        var time = new FakeTimeProvider();
        await using var progress = new TestProgress(time, options => options.PublishInterval = TimeSpan.FromSeconds(1));
        await using var job = progress.Start("42");
        await using var states = progress.SubscribeAsync("42").GetAsyncEnumerator();
        await states.MoveNextAsync();

        job.Report(0.1);
        job.Report(0.2);
        var next = states.MoveNextAsync();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next);
        Assert.Equal(20, states.Current.Percent);
    }

    [Fact]
    public async Task Host_streams_what_the_test_publishes()
    {
        await using var progress = new TestProgress();
        await using var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host => host.ConfigureTestServices(
            services => services.AddLexIntelProgress().UseTestProgress(progress)));
        using var client = factory.CreateClient();

        await progress.PublishAsync(new("42", "extraction", 100) { Status = ProgressStatus.Completed });
        await progress.FlushAsync(Timeout.InfiniteTimeSpan);

        await using var stream = await client.GetStreamAsync("/progress/documents/42/stream");
        var states = await SseParser.Create(stream).EnumerateAsync().Where(one => one.EventType == "message").ToListAsync();
        Assert.Contains("\"status\":\"completed\"", Assert.Single(states).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_begins_the_job_that_it_is_asked_for()
    {
        await using var progress = new TestProgress();
        await using var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host => host.ConfigureTestServices(
            services => services.AddLexIntelProgress().UseTestProgress(progress)));
        using var client = factory.CreateClient();

        using var accepted = await client.PostAsync("/documents/42", content: null);

        var first = await progress.SubscribeAsync("42").FirstAsync(state => state.Step.Length > 0);
        Assert.Equal("Reading the pages", first.Message);
        Assert.Equal("extraction", progress.Reported("42")[0].Step);
    }

    public sealed class Importer(IProgressPublisher progress)
    {
        private static readonly ProgressPlan Plan = new(("extraction", 1), ("embedding", 3));

        public Task RunAsync(string documentId, string[] pages, CancellationToken cancellationToken = default) =>
            progress.TrackAsync(
                documentId, Plan, async (job, token) =>
                {
                    job.StartStep("extraction");
                    foreach (var page in job.Each(pages))
                        await ReadAsync(page, token);
                    job.StartStep("embedding");
                    foreach (var page in job.Each(pages))
                        await EmbedAsync(page, token);
                },
                new() { DescribeError = exception => exception is InvalidDataException ? exception.Message : null }, cancellationToken);

        private static Task ReadAsync(string page, CancellationToken cancellationToken) =>
            page.Length > 0 ? Task.CompletedTask : throw new InvalidDataException("A page is empty.");

        private static Task EmbedAsync(string page, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    public sealed class Screen
    {
        public List<string> Lines { get; } = [];

        public async Task ShowAsync(IProgressSubscriber subscriber, string documentId)
        {
            await foreach (var state in subscriber.SubscribeAsync(documentId))
                Lines.Add($"{state.Percent} % {state.ErrorMessage ?? state.Message}");
        }
    }
}
