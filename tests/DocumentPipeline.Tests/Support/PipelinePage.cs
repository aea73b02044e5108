using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace DocumentPipeline.Tests.Support;

/// <summary>One thing that was seen on the page.</summary>
/// <param name="Name">The document.</param>
/// <param name="Status">Its status.</param>
/// <param name="Step">The step that is marked as running.</param>
/// <param name="Percent">Where the bar was.</param>
internal sealed record Sighting(string Name, string Status, string Step, double Percent);

/// <summary>The page in a browser, with everything that was ever seen on it.</summary>
internal sealed class PipelinePage
{
    private const float Patience = 120_000;

    /// <summary>Notes each value of each bar, from the first that is on the page: asking now and then would miss most of them.</summary>
    private const string Observer = """
        window.seen = [];
        const note = (bar) => {
          const card = bar.closest(".document");
          window.seen.push({
            name: card.querySelector(".name").textContent,
            status: card.dataset.status,
            step: card.querySelector(".step[data-state=now]")?.textContent ?? "",
            percent: Number(bar.getAttribute("aria-valuenow")),
          });
        };
        new MutationObserver((changes) => {
          for (const change of changes) {
            for (const node of change.addedNodes) {
              node.querySelectorAll?.("li.document [role=progressbar]").forEach(note);
            }
            if (change.attributeName === "aria-valuenow" && change.target.isConnected) {
              note(change.target);
            }
          }
        }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuenow"] });
        """;

    private readonly List<string> _errors = [];

    private PipelinePage(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>Errors of scripts, and what the content security policy refused.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public static async Task<PipelinePage> OpenAsync(Chromium chromium, Uri address, Func<IPage, Task>? prepare = null)
    {
        var page = await chromium.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        var result = new PipelinePage(page);
        page.PageError += (_, error) => result._errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                result._errors.Add(message.Text);
        };
        if (prepare is not null)
            await prepare(page);
        await page.AddInitScriptAsync(Observer);
        await page.GotoAsync(address.ToString());
        return result;
    }

    public Task UploadAsync(params string[] names) => Page.SetInputFilesAsync("#picker", names.Select(SampleDocuments.PathOf));

    public Task UploadAsync(string name, byte[] content) =>
        Page.SetInputFilesAsync("#picker", new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = content });

    /// <summary>The entry of a document.</summary>
    public ILocator Card(string name) => Page.Locator("li.document").Filter(new() { Has = Page.GetByText(name, new() { Exact = true }) });

    public ILocator Bar(string name) => Card(name).GetByRole(AriaRole.Progressbar);

    public Task WaitForAsync(string name, string status) =>
        Page.Locator($"li.document[data-status={status}]").Filter(new() { Has = Page.GetByText(name, new() { Exact = true }) }).WaitForAsync();

    public async Task<string> ErrorOfAsync(string name) => await Card(name).Locator(".error").InnerTextAsync();

    /// <summary>Waits until the bar of the only document is there.</summary>
    public Task WaitForPercentAsync(double percent) => Page.WaitForFunctionAsync(
        "percent => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) >= percent", percent);

    public async Task<double> PercentAsync(string name) =>
        double.Parse((await Bar(name).GetAttributeAsync("aria-valuenow"))!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The steps that were seen running, in their order. The very first state of a job may come before its first step.</summary>
    public async Task<IReadOnlyList<string>> StepsAsync(string name) =>
        [.. (await SeenAsync(name)).Where(seen => seen is { Status: "processing", Step: not "" }).Select(seen => seen.Step).Distinct()];

    public async Task<IReadOnlyList<Sighting>> SeenAsync(string name) =>
        [.. (await Page.EvaluateAsync<Seen[]>("window.seen")).Where(seen => seen.Name == name).Select(seen => new Sighting(seen.Name, seen.Status, seen.Step, seen.Percent))];

#pragma warning disable CA1812 // Made by Playwright from what the page returns.
    private sealed class Seen
#pragma warning restore CA1812
    {
        public string Name { get; set; } = "";

        public string Status { get; set; } = "";

        public string Step { get; set; } = "";

        public double Percent { get; set; }
    }
}
