using LexIntel.Progress.Browser.Tests.Support;
using LexIntel.Progress.Testing.Browser;

namespace LexIntel.Progress.Browser.Tests;

/// <summary>Several tabs of one browser share one connection.</summary>
public sealed class TabTests(Chromium chromium)
{
    [Fact]
    public async Task Seven_tabs_with_twenty_documents_use_one_connection()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"doc-{i}")];
        var tabs = new List<SitePage>();
        for (var i = 0; i < 7; i++)
            tabs.Add(await SitePage.OpenAsync(context, site, $"documents={string.Join(',', ids)}"));
        await EachAsync(tabs, tab => tab.IsAsync("doc-19", "live"));

        await site.PublishAsync([.. ids.Select((id, i) => new { documentId = id, step = "extraction", percent = 10 + i })]);
        await EachAsync(tabs, async tab =>
        {
            for (var i = 0; i < ids.Length; i++)
                await tab.ShowsAsync(ids[i], 10 + i);
        });
        await site.CompleteAsync(ids);
        await EachAsync(tabs, async tab =>
        {
            foreach (var id in ids)
            {
                await tab.HasStatusAsync(id, "completed");
                Assert.Equal(["completed"], await tab.EndsAsync(id));
            }

            Assert.Empty(tab.Errors);
        });

        var log = await site.LogAsync(log => log.Open == 0, "the stream is closed");
        Assert.Equal(1, log.Most);
        Assert.Single(log.Streams);
        Assert.Equal(["finished"], log.Ends);
        Assert.Empty(log.Statuses);
    }

    [Fact]
    public async Task Another_tab_leads_when_the_leading_one_of_three_is_closed()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        await site.ProcessingAsync("doc", 10);
        var tabs = new List<SitePage>();
        for (var i = 0; i < 3; i++)
        {
            tabs.Add(await SitePage.OpenAsync(context, site, "documents=doc"));
            await tabs[i].IsAsync("doc", "live");
        }

        // One, unless the first had to be opened twice; that seven tabs share one is another test's.
        var before = await site.LogAsync();
        await tabs[0].Page.CloseAsync();
        tabs.RemoveAt(0);
        await site.LogAsync(log => log.Streams.Count() == before.Streams.Count() + 1 && log.Open == 1, $"another tab's stream after {before}");
        await site.ProcessingAsync("doc", 60);
        await EachAsync(tabs, tab => tab.ShowsAsync("doc", 60));
        await EachAsync(tabs, tab => tab.IsAsync("doc", "live"));
        await site.CompleteAsync("doc");
        await EachAsync(tabs, tab => tab.HasStatusAsync("doc", "completed"));

        await EachAsync(tabs, async tab => Assert.Equal(["completed"], await tab.EndsAsync("doc")));
        var log = await site.LogAsync(log => log.Open == 0, "the streams are closed");
        // One after the other; the host may hear of the first tab's end after the next has come.
        Assert.Equal(before.Streams.Count() + 1, log.Streams.Count());
        Assert.Equal([.. before.Ends, "left", "finished"], log.Ends);
    }

    [Fact]
    public async Task Change_of_the_user_drops_what_was_opened_and_shown_for_the_old_one()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        await context.AddCookiesAsync([new() { Name = "user", Value = "ada", Url = site.Address.ToString() }]);
        await site.ProcessingAsync("ada-1", 30);
        var stays = await SitePage.OpenAsync(context, site, "documents=ada-1&identity=ada");
        await stays.ShowsAsync("ada-1", 30);
        var changes = await SitePage.OpenAsync(context, site, "documents=ada-1&identity=ada");
        await changes.ShowsAsync("ada-1", 30);

        await context.AddCookiesAsync([new() { Name = "user", Value = "bob", Url = site.Address.ToString() }]);
        await changes.Page.EvaluateAsync("progress.setIdentity('bob')");
        await changes.IsAsync("ada-1", "ended");
        await stays.IsAsync("ada-1", "ended");

        // What the tab that changed shows is nothing of Ada's.
        Assert.True(await changes.Page.EvaluateAsync<bool>("document.querySelector('lexintel-progress').snapshot.state === null"));
        Assert.Equal(["refused"], await changes.EndsAsync("ada-1"));
        Assert.Equal(["refused"], await stays.EndsAsync("ada-1"));
        var log = await site.LogAsync(log => log.Open == 0, "Ada's stream is closed");
        Assert.All(log.Streams.Where(stream => stream.User == "bob"), stream => Assert.Equal(403, stream.Status));
        Assert.Single(log.Streams, stream => stream.User == "ada");
        Assert.Equal(["left"], log.Ends);
    }

    private static async Task EachAsync(IEnumerable<SitePage> tabs, Func<SitePage, Task> act)
    {
        foreach (var tab in tabs)
            await act(tab);
    }
}
