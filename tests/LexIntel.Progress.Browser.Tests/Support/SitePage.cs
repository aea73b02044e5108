using Microsoft.Playwright;

namespace LexIntel.Progress.Browser.Tests.Support;

/// <summary>One tab with the site's page.</summary>
internal sealed class SitePage
{
    private readonly List<string> _errors = [];

    private SitePage(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>Errors of scripts; those of the network are what the tests are about.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public static async Task<SitePage> OpenAsync(IBrowserContext context, Site site, string query)
    {
        var result = new SitePage(await context.NewPageAsync());
        result.Page.PageError += (_, error) => result._errors.Add(error);
        await result.Page.GotoAsync(new Uri(site.Address, "/?" + query).ToString());
        await result.Page.WaitForFunctionAsync("window.isReady");
        return result;
    }

    public ILocator Bar(string id) => Page.GetByRole(AriaRole.Progressbar, new() { Name = id, Exact = true });

    public Task ShowsAsync(string id, double percent) => Assertions.Expect(Bar(id)).ToHaveAttributeAsync("aria-valuenow", percent.ToString(System.Globalization.CultureInfo.InvariantCulture), Patient);

    public Task HasStatusAsync(string id, string status) => Assertions.Expect(Bar(id)).ToHaveAttributeAsync("status", status, Patient);

    public Task IsAsync(string id, string connection) => Assertions.Expect(Bar(id)).ToHaveAttributeAsync("connection", connection, Patient);

    /// <summary>Which ends the page was told of, in their order.</summary>
    public Task<string[]> EndsAsync(string id) => Page.EvaluateAsync<string[]>("id => window.ends[id] ?? []", id);

    /// <summary>Every percentage that was on screen, in its order.</summary>
    public Task<double[]> PercentagesAsync(string id) =>
        Page.EvaluateAsync<double[]>("id => (window.seen[id] ?? []).map(one => one.progress).filter(one => one !== null)", id);

    /// <summary>Every state of the connection, in its order.</summary>
    public Task<string[]> ConnectionsAsync(string id) =>
        Page.EvaluateAsync<string[]>("id => (window.seen[id] ?? []).map(one => one.connection).filter((one, i, all) => one !== all[i - 1])", id);

    // Only a failing test waits for so long.
    private static LocatorAssertionsToHaveAttributeOptions Patient => new() { Timeout = 30_000 };
}
