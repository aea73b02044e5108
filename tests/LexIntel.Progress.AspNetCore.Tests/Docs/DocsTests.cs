using System.Diagnostics;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using StackExchange.Redis;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>What the documents say is code that runs.</summary>
public sealed class DocsTests(Chromium chromium)
{
    private const string Python = "/usr/bin/python3";

    public static TheoryData<string> AllPages => [.. Pages.All.Select(page => Path.GetRelativePath(Checkout.Root, page))];

    [Theory]
    [MemberData(nameof(AllPages))]
    public void CSharp_block_stands_in_the_compiled_snippets(string page)
    {
        var compiled = string.Join('\n', Pages.CompiledSnippets.Select(file => Lines(File.ReadAllText(file))));
        foreach (var block in Checkout.Blocks(page, "csharp"))
            Assert.Contains(Lines(block), compiled, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Links_lead_to_files(string page)
    {
        var full = Path.Combine(Checkout.Root, page);
        foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(full), @"\]\((?!https?:)([^)#]+)"))
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(full)!, link.Groups[1].Value)), $"{page} links to {link.Groups[1].Value}");
    }

    [Fact]
    public async Task Page_of_the_README_shows_the_progress()
    {
        var html = Checkout.Blocks("README.md", "html").Single();
        await using var host = await TestHost.StartAsync(map: app =>
            app.MapGet("/", (RequestDelegate)(async context => await Results.Content("<!doctype html><title>README</title>" + html, "text/html").ExecuteAsync(context))));
        var page = await chromium.OpenAsync(host.Address);

        await host.PublishAsync(new("42", "extraction", 60, "Reading page 60"));
        await Assertions.Expect(page.Locator("output")).ToHaveTextAsync("Reading page 60");
        await Assertions.Expect(page.Locator("progress")).ToHaveJSPropertyAsync("value", 60);
        await host.PublishAsync(new("42", "extraction", 60) { Status = ProgressStatus.Failed, ErrorMessage = "The file is damaged." });
        await Assertions.Expect(page.Locator("output")).ToHaveTextAsync("The file is damaged.");
    }

    [Fact]
    public async Task Python_worker_of_the_docs_stores_its_states_and_is_fenced()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        Assert.SkipUnless(await HasPythonRedisAsync(), "python3-redis is not installed. Install it (apt-get install python3-redis), or run ./test.sh, which does.");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await StreamHostProcess.StartAsync(redis);
        var code = Checkout.Blocks("docs/python.md", "python").Single();

        var output = await RunPythonAsync(code + $"""

            import redis
            client = redis.Redis(port={redis.Port})
            lua = open({Quote(Path.Combine(Checkout.Root, "src/LexIntel.Progress/Redis/offer.lua"))}).read()
            first = Progress(client, "py", lua)
            print(first.publish(step="extraction", progress=60, message="Größe"))
            time.sleep(0.002)
            second = Progress(client, "py", lua)
            print(second.publish(step="extraction", progress=10, message="Größe"))
            print(first.publish(step="extraction", progress=99))
            print(second.publish(status="failed", progress=10, error_message="Nein."))
            time.time = lambda: 2.0
            Progress(client, "late", lua).publish(progress=50)
            time.time = lambda: 1.0
            print(Progress(client, "late", lua).publish(), client.get("document:late:progress")[13:20])
            """);

        Assert.Equal("True\nTrue\nFalse\nTrue\nTrue b'2001-1\"'\n", output);
        await using var stream = await host.StreamAsync("py");
        Assert.Matches("""^id: [0-9]{13}-2\ndata: \{"revision":"[0-9]{13}-2","run":2,"status":"failed","document_id":"py","step":"","progress":10,"message":"","timestamp":"[-0-9T:.]+Z","error_message":"Nein."\}$""", await stream.ReadNewsAsync());
    }

    private static string Quote(string path) => $"'{path.Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static async Task<bool> HasPythonRedisAsync()
    {
        if (!File.Exists(Python))
            return false;
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import redis"]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static async Task<string> RunPythonAsync(string code)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", code]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }

    private static string Lines(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
