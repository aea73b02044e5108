using Microsoft.Playwright;

namespace LexIntel.Progress.Browser.Tests.Support;

/// <summary>The machine's own Chromium; Playwright never downloads one.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A browser of its own, with its own cookies, locks and channels. Ends the test as skipped when there is no browser.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        if (_browser is null)
            Assert.Skip("chromium is not installed. Install it (apt-get install chromium), or run ./test.sh, which does.");
        return await _browser.NewContextAsync(options);
    }

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
