using System.Collections.Concurrent;
using System.Text.Json;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace LexIntel.Progress.Browser.Tests.Support;

/// <summary>
/// A tab that Chromium can freeze, as it does with tabs in the background. Playwright emulates for its own pages that somebody looks at them, and
/// what is looked at is never frozen; so this one is opened and spoken to behind its back.
/// </summary>
internal sealed class BackgroundTab : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly ICDPSession _browser;
    private readonly string _target;
    private string _session = "";
    private int _last;

    private BackgroundTab(ICDPSession browser, string target)
    {
        (_browser, _target) = (browser, target);
        browser.Event("Target.receivedMessageFromTarget").OnEvent += (_, received) => Receive(received!.Value);
    }

    /// <summary>A context with its own cookies, locks and channels, in which tabs share them.</summary>
    public static async Task<string> NewContextAsync(Chromium chromium) =>
        Text(await (await chromium.NewSessionAsync()).SendAsync("Target.createBrowserContext"), "browserContextId");

    public static async Task<BackgroundTab> OpenAsync(Chromium chromium, string context, Site site, string query)
    {
        var browser = await chromium.NewSessionAsync();
        var target = Text(await browser.SendAsync("Target.createTarget", new() { ["url"] = new Uri(site.Address, "/?" + query).ToString(), ["browserContextId"] = context }), "targetId");
        var tab = new BackgroundTab(browser, target);
        tab._session = Text(await browser.SendAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = false }), "sessionId");
        await tab.UntilAsync("window.isReady === true", "the page");
        return tab;
    }

    /// <summary>Freezes it: nothing of the page runs any more, when it has heard so.</summary>
    public async Task FreezeAsync()
    {
        await SendAsync("Page.setWebLifecycleState", new { state = "frozen" });
        await UntilAsync("lifecycle.at(-1) === 'freeze'", "the page hears that it is frozen");
    }

    public async Task ThawAsync()
    {
        await SendAsync("Page.setWebLifecycleState", new { state = "active" });
        await SendAsync("Page.bringToFront", new { });
        await UntilAsync("lifecycle.at(-1) === 'resume'", "the page hears that it goes on");
    }

    public Task ShowsAsync(string id, double percent) =>
        UntilAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Bar(id)}.getAttribute('aria-valuenow') === '{percent}'"), $"{percent} % of {id}");

    /// <summary>What an attribute of a document's bar is.</summary>
    public Task IsAsync(string id, string attribute, string value) => UntilAsync($"{Bar(id)}.getAttribute('{attribute}') === '{value}'", $"{attribute} {value} of {id}");

    /// <summary>Which ends the page was told of, in their order.</summary>
    public async Task<string[]> EndsAsync(string id) => (await EvaluateAsync($"ends['{id}'] ?? []")).Deserialize<string[]>()!;

    /// <summary>Evaluates an expression, also while the page is frozen.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression) =>
        (await SendAsync("Runtime.evaluate", new { expression, returnByValue = true })).GetProperty("result").GetProperty("value");

    public async ValueTask DisposeAsync()
    {
        await _browser.SendAsync("Target.closeTarget", new() { ["targetId"] = _target });
        await _browser.DetachAsync();
    }

    private async Task UntilAsync(string condition, string expected) =>
        await Eventually.GetAsync(() => EvaluateAsync($"!!({condition})"), static isIt => isIt.GetBoolean(), expected);

    private async Task<JsonElement> SendAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.Serialize(new { id, method, @params = parameters });
        await _browser.SendAsync("Target.sendMessageToTarget", new() { ["sessionId"] = _session, ["message"] = message });
        var result = await answer.Task.WithinAsync($"an answer to {method}");
        return result.TryGetProperty("error", out var error) ? throw new InvalidOperationException($"{method}: {error}") : result.GetProperty("result");
    }

    private void Receive(JsonElement received)
    {
        if (received.GetProperty("sessionId").GetString() != _session)
            return;
        var message = JsonElement.Parse(received.GetProperty("message").GetString()!);
        if (message.TryGetProperty("id", out var id) && _asked.TryRemove(id.GetInt32(), out var answer))
            answer.SetResult(message);
    }

    private static string Bar(string id) => $"document.querySelector('[aria-label={id}]')";

    private static string Text(JsonElement? answer, string name) => answer!.Value.GetProperty(name).GetString()!;
}
