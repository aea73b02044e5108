using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>The way of somebody who has nothing but the packages and docs/getting-started.md.</summary>
public sealed class GettingStartedTests(PackedPackages packages, Chromium chromium) : IDisposable
{
    private const string Page = "docs/getting-started.md";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lexintel-start-");

    [Fact]
    public async Task New_project_that_follows_the_page_moves_a_bar_in_the_browser()
    {
        var commands = Checkout.Blocks(Page, "bash").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.InRange(commands.Count, 2, 6);
        (string, string)[] environment = [("NUGET_PACKAGES", Path.Combine(_folder.FullName, "packages"))];
        await UseThesePackagesAsync();

        var folder = _folder.FullName;
        foreach (var command in commands.SkipLast(1).Select(command => command.Split(' ')))
        {
            if (command is ["cd", var inner])
                folder = Path.Combine(folder, inner);
            else
                await Command.RunAsync(folder, command[0], command[1..], environment);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), Checkout.Blocks(Page, "csharp").Single());
        // The template's own port may be taken here.
        var run = commands[^1].Split(' ');
        await using var program = Command.Start(folder, run[0], [.. run[1..], "--urls", "http://127.0.0.1:0"], environment);
        var address = await program.AddressAsync();

        var page = await chromium.OpenAsync(address);
        var bar = page.GetByRole(AriaRole.Progressbar);
        await Assertions.Expect(bar).ToHaveAttributeAsync("connection", "live", new() { Timeout = 30_000 });
        await bar.EvaluateAsync("""
            bar => {
              window.shown = [];
              new MutationObserver(() => window.shown.push(Number(bar.getAttribute('aria-valuenow')))).observe(bar, { attributeFilter: ['aria-valuenow'] });
            }
            """);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(bar).ToHaveAttributeAsync("status", "completed", new() { Timeout = 30_000 });

        var shown = await page.EvaluateAsync<double[]>("window.shown");
        Assert.InRange(shown.Distinct().Count(), 10, 70);
        Assert.Equal(shown.Order(), shown);
        Assert.Equal(100, shown[^1]);

        // Once more: the bar that has seen the end shows the next job.
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(bar).ToHaveAttributeAsync("status", "processing", new() { Timeout = 30_000 });
        await Assertions.Expect(bar).ToHaveAttributeAsync("status", "completed", new() { Timeout = 30_000 });
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>These packages come from the feed and leave nothing behind; what they need has been restored on this machine, when they were built.</summary>
    private async Task UseThesePackagesAsync()
    {
        var restored = (await Command.RunAsync(Checkout.Root, "dotnet", ["nuget", "locals", "global-packages", "--list", "--force-english-output"])).Split(": ", 2)[1].Trim();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{packages.Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{restored}" /></fallbackPackageFolders>
            </configuration>
            """);
    }
}
