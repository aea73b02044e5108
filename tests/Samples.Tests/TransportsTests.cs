using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace Samples.Tests;

/// <summary>The page of the sample in Chromium.</summary>
public sealed class TransportsTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly string[] Live = ["Long polling", "Server-Sent Events", "WebSocket", "SignalR"];

    [Fact]
    public async Task All_five_transports_show_the_document_to_its_end()
    {
        await using var context = await chromium.NewContextAsync();
        await using var sample = await SampleProcess.StartAsync("Transports");
        var page = await context.NewPageAsync();
        List<string> errors = [], foreign = [];
        page.PageError += (_, error) => errors.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(sample.Client.BaseAddress!.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                foreign.Add(request.Url);
        };
        await page.GotoAsync(new Uri(sample.Client.BaseAddress!, "/?seconds=4").ToString());

        await page.GetByRole(AriaRole.Button, new() { Name = "Start a document" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("All five have seen the end.", new() { Timeout = 30_000 });

        foreach (var name in (string[])["Polling", .. Live])
        {
            Assert.Equal("completed", await Row(page, name).GetAttributeAsync("data-status"));
            await Assertions.Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = name, Exact = true })).ToHaveJSPropertyAsync("value", 100);
            Assert.Equal("100 %", await Row(page, name).Locator(".percent").InnerTextAsync());
        }

        foreach (var name in Live)
            Assert.InRange(await NumberAsync(page, name, "updates"), 10, 60);
        Assert.InRange(await NumberAsync(page, "Polling", "updates"), 1, 6);
        foreach (var name in Live[1..])
            Assert.Equal(1, await NumberAsync(page, name, "requests"));
        Assert.True(await NumberAsync(page, "Long polling", "requests") >= await NumberAsync(page, "Long polling", "updates"));
        Assert.Empty(errors);
        Assert.Empty(foreign);
    }

    private static ILocator Row(IPage page, string name) => page.Locator($"[data-transport='{name}']");

    private static async Task<int> NumberAsync(IPage page, string name, string part) =>
        int.Parse(await Row(page, name).Locator($".{part}").InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
}
