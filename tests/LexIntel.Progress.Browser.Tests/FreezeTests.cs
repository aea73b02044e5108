using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Browser.Tests.Support;
using LexIntel.Progress.Testing.Browser;

namespace LexIntel.Progress.Browser.Tests;

/// <summary>Tabs that stand still for a while, and see to it that what they show is right when they go on.</summary>
public sealed class FreezeTests(Chromium chromium)
{
    [Fact]
    public async Task Frozen_tab_shows_the_end_that_came_meanwhile()
    {
        await using var site = await Site.LaunchAsync();
        await using var tab = await BackgroundTab.OpenAsync(chromium, await BackgroundTab.NewContextAsync(chromium), site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await tab.ShowsAsync("doc", 30);

        await tab.FreezeAsync();
        await site.CompleteAsync("doc");
        await site.LogAsync(log => log.Open == 0, "the host has ended the stream");
        await tab.ShowsAsync("doc", 30);
        await tab.ThawAsync();

        await tab.IsAsync("doc", "status", "completed");
        await tab.IsAsync("doc", "connection", "ended");
        Assert.Equal(["completed"], await tab.EndsAsync("doc"));
        var log = await site.LogAsync(log => log.Open == 0, "no stream is open");
        Assert.Equal(1, log.Most);
        // The one before it was frozen, and the one that it asked for afterwards.
        Assert.Equal(["finished", "finished"], log.Ends);
    }

    [Fact]
    public async Task Frozen_tab_whose_stream_was_cut_meanwhile_streams_again()
    {
        await using var site = await Site.LaunchAsync();
        await using var tab = await BackgroundTab.OpenAsync(chromium, await BackgroundTab.NewContextAsync(chromium), site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await tab.ShowsAsync("doc", 30);

        await tab.FreezeAsync();
        await CutAsync(site);
        await site.ProcessingAsync("doc", 60);
        await tab.ThawAsync();

        await tab.ShowsAsync("doc", 60);
        await tab.IsAsync("doc", "connection", "live");
        await site.CompleteAsync("doc");
        await tab.IsAsync("doc", "status", "completed");
        Assert.Equal(["completed"], await tab.EndsAsync("doc"));
        var log = await site.LogAsync(log => log.Open == 0, "no stream is open");
        Assert.Equal(1, log.Most);
        Assert.Equal(["left", "finished"], log.Ends);
    }

    [Fact]
    public async Task Frozen_leading_tab_lets_another_one_lead()
    {
        await using var site = await Site.LaunchAsync();
        var context = await BackgroundTab.NewContextAsync(chromium);
        await using var first = await BackgroundTab.OpenAsync(chromium, context, site, "documents=doc");
        await first.IsAsync("doc", "connection", "live");
        await using var second = await BackgroundTab.OpenAsync(chromium, context, site, "documents=doc");
        await second.IsAsync("doc", "connection", "live");

        await first.FreezeAsync();
        await site.LogAsync(log => log.Streams.Count() == 2, "the other tab's stream");
        await site.ProcessingAsync("doc", 60);
        await second.ShowsAsync("doc", 60);
        await first.ThawAsync();
        await first.ShowsAsync("doc", 60);
        await site.CompleteAsync("doc");

        foreach (var tab in (BackgroundTab[])[first, second])
        {
            await tab.IsAsync("doc", "status", "completed");
            Assert.Equal(["completed"], await tab.EndsAsync("doc"));
        }

        var log = await site.LogAsync(log => log.Open == 0, "no stream is open");
        Assert.Equal(2, log.Streams.Count());
        Assert.Equal(["left", "finished"], log.Ends);
    }

    [Fact]
    public async Task Tab_whose_process_stood_still_shows_what_came_meanwhile()
    {
        // Of its own: every process of it that runs pages is stopped.
        await using var alone = new Chromium();
        await using var site = await Site.LaunchAsync();
        await using var tab = await BackgroundTab.OpenAsync(alone, await BackgroundTab.NewContextAsync(alone), site, "documents=doc");
        await site.ProcessingAsync("doc", 30);
        await tab.ShowsAsync("doc", 30);

        await SignalAsync(alone, "STOP");
        await CutAsync(site);
        await site.ProcessingAsync("doc", 60);
        await SignalAsync(alone, "CONT");
        await tab.ShowsAsync("doc", 60);
        await tab.IsAsync("doc", "connection", "live");

        await SignalAsync(alone, "STOP");
        await site.CompleteAsync("doc");
        await site.LogAsync(log => log.Open == 0, "the host has ended the stream");
        await SignalAsync(alone, "CONT");
        await tab.IsAsync("doc", "status", "completed");
        await tab.IsAsync("doc", "connection", "ended");

        Assert.Equal(["completed"], await tab.EndsAsync("doc"));
        Assert.Equal("[]", (await tab.EvaluateAsync("lifecycle")).GetRawText());
        var log = await site.LogAsync(log => log.Open == 0, "no stream is open");
        Assert.Equal(1, log.Most);
        Assert.Equal(["left", "finished"], log.Ends);
    }

    /// <summary>The host breaks every stream.</summary>
    private static async Task CutAsync(Site site)
    {
        await site.SetFaultAsync("refuse");
        await site.LogAsync(log => log.Open == 0, "the streams are cut");
        await site.SetFaultAsync("none");
    }

    private static async Task SignalAsync(Chromium chromium, string signal)
    {
        var processes = (await (await chromium.NewSessionAsync()).SendAsync("SystemInfo.getProcessInfo"))!.Value.GetProperty("processInfo").EnumerateArray();
        string[] pages = [.. processes.Where(process => process.GetProperty("type").GetString() == "renderer").Select(process => process.GetProperty("id").GetInt32().ToString(CultureInfo.InvariantCulture))];
        Assert.NotEmpty(pages);
        using var kill = Process.Start("kill", [$"-{signal}", .. pages]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
