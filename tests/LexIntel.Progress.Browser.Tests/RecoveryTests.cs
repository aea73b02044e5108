using LexIntel.Progress.Browser.Tests.Support;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;

namespace LexIntel.Progress.Browser.Tests;

/// <summary>What breaks on the way to a browser, and how its page comes through: always to the right end, never backwards.</summary>
public sealed class RecoveryTests(Chromium chromium)
{
    [Fact]
    public async Task Page_comes_through_a_server_that_is_killed_and_started_again()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var context = await chromium.NewContextAsync();
        await using var redis = await RedisServer.LaunchAsync();
        await using var site = await Site.LaunchAsync(redis);
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await page.ShowsAsync("doc", 30);

        await site.KillAsync();
        await page.IsAsync("doc", "connecting");
        await site.StartAsync();
        await page.IsAsync("doc", "live");
        await site.ProcessingAsync("doc", 60);
        await page.ShowsAsync("doc", 60);
        // What the killed process knew is gone with it.
        await EndsWellAsync(site, page, "finished");
    }

    [Fact]
    public async Task Page_says_degraded_while_redis_is_gone_and_recovers()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var context = await chromium.NewContextAsync();
        await using var redis = await RedisServer.LaunchAsync();
        await using var site = await Site.LaunchAsync(redis);
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await page.ShowsAsync("doc", 30);

        await redis.StopAsync();
        await page.IsAsync("doc", "degraded");
        await redis.StartAsync();
        await page.IsAsync("doc", "live");
        await site.ProcessingAsync("doc", 60, newAttempt: true);
        await page.ShowsAsync("doc", 60);
        // The stream stayed open all the time.
        await EndsWellAsync(site, page, "finished");
    }

    [Fact]
    public async Task Page_says_offline_and_is_live_at_once_when_the_network_is_back()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await page.ShowsAsync("doc", 30);

        await context.SetOfflineAsync(true);
        await page.IsAsync("doc", "offline");
        await site.LogAsync(log => log.Open == 0, "the stream is gone");
        await site.ProcessingAsync("doc", 60);
        await context.SetOfflineAsync(false);
        await page.ShowsAsync("doc", 60);
        await page.IsAsync("doc", "live");
        await EndsWellAsync(site, page, "left", "finished");
    }

    [Theory]
    [InlineData("refuse")]
    [InlineData("hold")]
    public async Task Page_asks_while_only_the_stream_is_blocked_and_streams_again_afterwards(string fault)
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await page.ShowsAsync("doc", 30);

        await site.SetFaultAsync(fault);
        await page.IsAsync("doc", "polling");
        await site.ProcessingAsync("doc", 60);
        await page.ShowsAsync("doc", 60);
        await page.IsAsync("doc", "polling");
        await site.SetFaultAsync("none");
        await page.IsAsync("doc", "live");
        var asked = (await site.LogAsync()).Statuses.Count();
        await site.ProcessingAsync("doc", 70);
        await page.ShowsAsync("doc", 70);
        Assert.InRange((await site.LogAsync()).Statuses.Count() - asked, 0, 1);
        await EndsWellAsync(site, page, "left", "finished");
    }

    [Fact]
    public async Task Document_that_ends_while_only_asking_works_is_seen_to_end()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        await site.ProcessingAsync("doc", 30);
        await site.SetFaultAsync("refuse");
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await page.IsAsync("doc", "polling");
        await EndsWellAsync(site, page);
        Assert.All((await site.LogAsync()).Streams, stream => Assert.Equal(502, stream.Status));
    }

    [Fact]
    public async Task Page_with_a_token_streams_by_fetch()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        var page = await SitePage.OpenAsync(context, site, "documents=doc&token=secret");
        await page.IsAsync("doc", "live");
        await site.ProcessingAsync("doc", 30);
        await page.ShowsAsync("doc", 30);
        await EndsWellAsync(site, page, "finished");
    }

    /// <summary>Completes the document, and asserts what has to be true whatever happened before.</summary>
    /// <param name="site">The site.</param>
    /// <param name="page">Its page.</param>
    /// <param name="ends">Why each stream that was open has ended.</param>
    private static async Task EndsWellAsync(Site site, SitePage page, params string[] ends)
    {
        await site.CompleteAsync("doc");
        await page.HasStatusAsync("doc", "completed");
        await page.IsAsync("doc", "ended");
        Assert.Equal(["completed"], await page.EndsAsync("doc"));
        var percentages = await page.PercentagesAsync("doc");
        Assert.Equal(percentages.Order(), percentages);
        Assert.Empty(page.Errors);

        var log = await site.LogAsync(log => log.Open == 0, "no stream is open");
        // The host may hear of a broken connection after the next has come.
        Assert.InRange(log.Most, 1, 2);
        Assert.Equal(ends, log.Ends);
    }
}
