using System.Text;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace Samples.Tests;

/// <summary>The dashboard in Chromium, with its own host.</summary>
public sealed class ReactDashboardTests(Chromium chromium)
{
    private static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 60_000 };

    [Fact]
    public async Task Many_documents_all_reach_their_end_over_one_stream_and_the_batch_counts_them_exactly()
    {
        await using var sample = await StartAsync("00:00:00.01");
        var page = await OpenAsync(sample);
        var streams = new List<string>();
        var questions = new List<string>();
        page.Request += (_, request) =>
        {
            var path = new Uri(request.Url).AbsolutePath;
            if (path.EndsWith("/stream", StringComparison.Ordinal))
                streams.Add(path.Split('/')[2]);
            else if (path.EndsWith("/status", StringComparison.Ordinal))
                questions.Add(path);
        };

        await UploadAsync(page, [.. Enumerable.Range(1, 12).Select(i => Letter($"letter {i}.txt")), Image("scan.png"), new() { Name = "empty.txt", MimeType = "text/plain", Buffer = [] }, TooLarge("all of it.csv")]);
        var batch = page.Locator(".batch").First;
        await Assertions.Expect(batch.Locator(".sum")).ToContainTextAsync("12 of 15 done", Patient);
        await Assertions.Expect(batch.Locator(".facts")).ToHaveTextAsync("3 failed");

        for (var i = 1; i <= 12; i++)
            await HasStatusAsync(page, $"letter {i}.txt", "completed");
        await Assertions.Expect(Row(page, "letter 1.txt")).ToContainTextAsync("words, most often: warehouse");
        await Assertions.Expect(Row(page, "scan.png").Locator(".trouble")).ToContainTextAsync("This is not a text file.");
        await Assertions.Expect(Row(page, "empty.txt").Locator(".trouble")).ToContainTextAsync("The file is empty.");
        await Assertions.Expect(Row(page, "all of it.csv").Locator(".trouble")).ToContainTextAsync("The file is too large. At most 5 MB are accepted.");
        Assert.Equal(["batches", "stream"], streams.Order());
        Assert.Empty(questions);

        // Who comes later sees the same.
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator(".sum")).ToContainTextAsync("12 of 15 done", Patient);
        await HasStatusAsync(page, "scan.png", "failed");
    }

    [Fact]
    public async Task File_that_did_not_arrive_is_sent_again_and_one_that_is_not_wanted_is_cancelled()
    {
        await using var sample = await StartAsync("00:00:00");
        var page = await OpenAsync(sample);
        await page.RouteAsync("**/documents/*", route => route.Request.Method == "PUT" ? route.AbortAsync() : route.ContinueAsync());

        const string hostile = "<img src=x onerror=alert(1)>.txt";
        await UploadAsync(page, [Letter("letter 1.txt"), Letter(hostile)]);
        await Assertions.Expect(Row(page, "letter 1.txt").Locator(".trouble")).ToContainTextAsync("The server cannot be reached.", Patient);
        await Assertions.Expect(Row(page, hostile).Locator(".trouble")).ToContainTextAsync("The server cannot be reached.", Patient);
        await page.UnrouteAllAsync();
        await Row(page, "letter 1.txt").GetByRole(AriaRole.Button, new() { Name = "Send again" }).ClickAsync();
        await Row(page, hostile).GetByRole(AriaRole.Button, new() { Name = $"Cancel {hostile}", Exact = true }).ClickAsync();

        await HasStatusAsync(page, "letter 1.txt", "completed");
        await HasStatusAsync(page, hostile, "cancelled");
        await Assertions.Expect(page.Locator(".sum")).ToContainTextAsync("1 of 2 done", Patient);
        await Assertions.Expect(page.Locator(".facts")).ToHaveTextAsync("1 cancelled");
        Assert.Equal(0, await page.Locator("img").CountAsync());
    }

    [Fact]
    public async Task Page_can_be_read_on_a_telephone_and_on_a_desk_light_and_dark()
    {
        await using var sample = await StartAsync("00:00:00.08");
        var page = await OpenAsync(sample);
        await UploadAsync(page, [Image("scan.png"), .. Names.Select(Letter)]);
        await HasStatusAsync(page, "scan.png", "failed");
        await page.Locator(".document[data-status=completed]").First.WaitForAsync(new() { Timeout = 60_000 });
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.document[data-status=processing]').length > 1 && document.querySelector('.document[data-status=processing] progress').value > 20");

        await Pictures.TakeAsync(page, "react-dashboard", "progress");
    }

    private static readonly string[] Names =
        ["lease of the warehouse in Rotterdam.txt", "notice of claim.txt", "minutes-2026-11-03.md", "deliveries.csv", "a letter whose name is longer than any telephone is wide, by far.txt", "terms.md"];

    private static async Task<SampleProcess> StartAsync(string pieceDelay)
    {
        Assert.SkipUnless(
            File.Exists(Path.Combine(Checkout.Root, "samples/ReactDashboard/page/dist/index.html")),
            "The page of samples/ReactDashboard is not built, because Node 20 or newer with npm is missing: see https://nodejs.org.");
        return await SampleProcess.StartAsync("ReactDashboard", ("Dashboard__PieceDelay", pieceDelay));
    }

    private async Task<IPage> OpenAsync(SampleProcess sample)
    {
        var page = await chromium.NewPageAsync();
        page.PageError += (_, error) => Assert.Fail(error);
        await page.GotoAsync(sample.Client.BaseAddress!.ToString());
        await page.GetByText("Nothing here yet").WaitForAsync();
        return page;
    }

    private static Task UploadAsync(IPage page, IEnumerable<FilePayload> files) => page.Locator("input[type=file]").SetInputFilesAsync(files);

    private static ILocator Row(IPage page, string name) => page.Locator(".document").Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true }) });

    private static Task HasStatusAsync(IPage page, string name, string status) => Assertions.Expect(Row(page, name)).ToHaveAttributeAsync("data-status", status, new() { Timeout = 60_000 });

    private static FilePayload Letter(string name) => new()
    {
        Name = name,
        MimeType = "text/plain",
        Buffer = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("The warehouse of the tenant is the warehouse that the landlord keeps dry, \u00e0 jamais.\n", 50))),
    };

    private static FilePayload Image(string name) => new() { Name = name, MimeType = "image/png", Buffer = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13] };

    private static FilePayload TooLarge(string name) => new() { Name = name, MimeType = "text/csv", Buffer = new byte[5_000_001] };
}
