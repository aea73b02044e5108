using Microsoft.Playwright;
using Xunit;

namespace LexIntel.Progress.Testing.Browser;

/// <summary>The machine's own Chromium, started when the first test wants it; Playwright never downloads one.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";
    private const string WhyMissing = "chromium is not installed. Install it (apt-get install chromium), or run ./test.sh, which does.";

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _running = new(StartAsync);

    /// <summary>A browser of its own, with its own cookies, locks and channels. Ends the test as skipped when there is no Chromium.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipUnless(File.Exists(Program), WhyMissing);
        return await (await _running.Value).Browser.NewContextAsync(options);
    }

    /// <summary>A page in a browser of its own.</summary>
    public async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null) => await (await NewContextAsync(options)).NewPageAsync();

    /// <summary>The page at an address, in a browser of its own.</summary>
    public async Task<IPage> OpenAsync(Uri address)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>The protocol of its developer tools, for what Playwright has no method for.</summary>
    public async Task<ICDPSession> NewSessionAsync()
    {
        Assert.SkipUnless(File.Exists(Program), WhyMissing);
        return await (await _running.Value).Browser.NewBrowserCDPSessionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_running.IsValueCreated)
            return;
        var (playwright, browser) = await _running.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        }));
    }
}
