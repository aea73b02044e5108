using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Pages that exist: EventSource with onmessage only, and polling when that fails. A real Chromium.</summary>
public sealed class ExistingPageTests(Chromium chromium)
{
    /// <summary>What the existing React pages do, without React.</summary>
    private const string Page =
        """
        <!doctype html><title>existing page</title><pre id="log"></pre>
        <script>
          const log = text => document.getElementById('log').append(text + '\n');
          const source = new EventSource('/progress/documents/doc/stream');
          source.onmessage = event => {
            const state = JSON.parse(event.data);
            if (state.status === 'connected') return;
            log(`stream ${state.status} ${state.progress}`);
            if (state.progress === 100 || state.status === 'completed') { source.close(); log('closed'); }
          };
          source.onerror = () => { source.close(); log('error'); poll(); };
          async function poll() {
            const state = await (await fetch('/progress/documents/doc/status')).json();
            log(`poll ${state.document_id} ${state.status} ${state.error_message ?? ''}`);
          }
        </script>
        """;

    /// <summary>A page that never closes its stream.</summary>
    private const string OpenPage =
        """
        <!doctype html><title>open page</title>
        <script>
          window.states = 0;
          window.source = new EventSource('/progress/documents/doc/stream');
          source.onmessage = () => window.states++;
        </script>
        """;

    [Fact]
    public async Task Page_shows_each_state_and_closes_at_completion()
    {
        await using var host = await TestHost.StartAsync(map: app => Serve(app, Page));
        var page = await chromium.OpenAsync(host.Address);
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount == 1, "the page's stream");

        await host.PublishAsync(new("doc", "extraction", 100));
        await Assertions.Expect(page.Locator("#log")).ToContainTextAsync("stream processing 99.9");
        await host.PublishAsync(new("doc", "embedding", 100) { Status = ProgressStatus.Completed });
        await Assertions.Expect(page.Locator("#log")).ToContainTextAsync("stream completed 100");

        Assert.Equal("stream processing 99.9\nstream completed 100\nclosed\n", await page.Locator("#log").TextContentAsync());
    }

    [Fact]
    public async Task Page_falls_back_to_status_after_a_failure()
    {
        await using var host = await TestHost.StartAsync(map: app => Serve(app, Page));
        await host.PublishAsync(new("doc", "extraction", 40) { Status = ProgressStatus.Failed, ErrorMessage = "The file is damaged." });
        var page = await chromium.OpenAsync(host.Address);

        await Assertions.Expect(page.Locator("#log")).ToContainTextAsync("poll doc failed The file is damaged.");
        Assert.StartsWith("stream failed 40\nerror\n", await page.Locator("#log").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventSource_left_open_on_a_finished_document_makes_one_more_request_answered_204()
    {
        await using var host = await TestHost.StartAsync(
            configure: options => options.RetryMin = options.RetryMax = TimeSpan.FromMilliseconds(100),
            map: app => Serve(app, OpenPage));
        await host.PublishAsync(new("doc", "extraction", 100) { Status = ProgressStatus.Completed });
        var page = await chromium.OpenAsync(host.Address);

        // 2 is CLOSED: from here on it makes no request any more.
        await page.WaitForFunctionAsync("() => source.readyState === 2");

        Assert.Equal(1, await page.EvaluateAsync<int>("states"));
        lock (host.Requests)
        {
            var requests = host.Requests.Where(request => request.Contains("/stream", StringComparison.Ordinal)).ToList();
            Assert.Collection(
                requests,
                first => Assert.EndsWith("  200", first, StringComparison.Ordinal),
                second => Assert.Matches("/stream [0-9]{13}-1-end 204$", second));
        }
    }

    [Fact]
    public async Task EventSource_that_closes_at_the_event_end_makes_no_other_request()
    {
        await using var host = await TestHost.StartAsync(
            configure: options => options.RetryMin = options.RetryMax = TimeSpan.FromMilliseconds(100),
            map: app => Serve(app, OpenPage));
        var page = await chromium.OpenAsync(host.Address);
        await page.EvaluateAsync("source.addEventListener('end', () => source.close())");
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<Hub.ProgressHub>().TopicCount == 1, "the page's stream");

        await host.PublishAsync(new("doc", "extraction", 100) { Status = ProgressStatus.Completed });
        await page.WaitForFunctionAsync("() => source.readyState === 2");

        Assert.Equal(2, await page.EvaluateAsync<int>("states"));
        // Else only the answer to a second request would have closed it.
        lock (host.Requests)
            Assert.Single(host.Requests, request => request.Contains("/stream", StringComparison.Ordinal));
    }

    private static void Serve(WebApplication app, string page) =>
        app.MapGet("/", (RequestDelegate)(async context => await Results.Content(page, "text/html").ExecuteAsync(context)));
}
