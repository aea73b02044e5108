using LexIntel.Progress.Browser.Tests.Support;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;

namespace LexIntel.Progress.Browser.Tests;

/// <summary>The browser client as static assets of the package: the same files that npm gets.</summary>
public sealed class StaticAssetTests(Chromium chromium)
{
    [Theory]
    [InlineData("files")]
    [InlineData("endpoints")]
    public async Task Host_serves_the_files_of_the_npm_package(string assets)
    {
        await using var site = await Site.LaunchAsync(assets: assets);
        var modules = Directory.GetFiles(Path.Combine(Checkout.Root, "src/lexintel-progress-client/lib"), "*.js")
            .Where(file => !File.ReadAllText(file).Contains("from 'react'", StringComparison.Ordinal)).ToList();
        Assert.True(modules.Count > 10);

        foreach (var module in modules)
        {
            using var response = await site.Client.GetAsync(new Uri($"/_content/LexIntel.Progress.AspNetCore/{Path.GetFileName(module)}", UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode, module);
            Assert.Equal("text/javascript", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(await File.ReadAllBytesAsync(module, TestContext.Current.CancellationToken), await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData("files")]
    [InlineData("endpoints")]
    public async Task Page_without_npm_shows_a_document_until_its_end(string assets)
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync(assets: assets);
        var page = await SitePage.OpenAsync(context, site, "documents=doc");
        await page.IsAsync("doc", "live");

        await site.ProcessingAsync("doc", 40);
        await page.ShowsAsync("doc", 40);
        await Microsoft.Playwright.Assertions.Expect(page.Bar("doc").Locator(".message")).ToHaveTextAsync("At 40");
        await site.CompleteAsync("doc");
        await page.HasStatusAsync("doc", "completed");

        Assert.Equal(["completed"], await page.EndsAsync("doc"));
        Assert.Empty(page.Errors);
        var log = await site.LogAsync(log => log.Open == 0, "the stream is closed");
        Assert.Single(log.Streams);
        Assert.Equal(["finished"], log.Ends);
        Assert.Empty(log.Statuses);
    }
}
