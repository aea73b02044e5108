using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.Playwright;

namespace DocumentPipeline.Tests;

/// <summary>The page in Chromium.</summary>
public sealed class PageTests(Chromium chromium)
{
    private static readonly (string, string) Fast = ("Pipeline__PageDelay", "0");

    [Fact]
    public async Task Upload_of_the_long_pdf_moves_through_all_steps_to_the_end()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:00.04"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(SampleDocuments.LongPdf);
        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");

        var seen = await page.SeenAsync(SampleDocuments.LongPdf);
        Assert.Equal(["extraction", "chunking", "embedding"], await page.StepsAsync(SampleDocuments.LongPdf));
        Assert.Equal(seen.Select(s => s.Percent).Order(), seen.Select(s => s.Percent));
        Assert.True(seen.Select(s => s.Percent).Distinct().Count() > 10, $"The bar moved in jumps: {string.Join(", ", seen.Select(s => s.Percent))}");
        Assert.Equal(100, seen[^1].Percent);
        Assert.Contains("104 pages", await page.Card(SampleDocuments.LongPdf).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task Reload_half_way_shows_the_right_state_at_once()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:00.08"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);
        await page.UploadAsync(SampleDocuments.LongPdf);
        await page.WaitForPercentAsync(45);
        var before = await page.PercentAsync(SampleDocuments.LongPdf);

        await page.Page.ReloadAsync();
        await page.Bar(SampleDocuments.LongPdf).WaitForAsync();

        var first = (await page.SeenAsync(SampleDocuments.LongPdf))[0];
        Assert.Equal("processing", first.Status);
        Assert.NotEqual("", first.Step);
        Assert.InRange(first.Percent, before, 99.9);
        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");
        var seen = await page.SeenAsync(SampleDocuments.LongPdf);
        Assert.Equal(seen.Select(s => s.Percent).Order(), seen.Select(s => s.Percent));
    }

    [Fact]
    public async Task Several_files_at_once_each_come_to_their_own_end()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, Fast);
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(SampleDocuments.Text, SampleDocuments.EncryptedPdf, SampleDocuments.LongPdf, SampleDocuments.DamagedPdf, SampleDocuments.Docx);

        foreach (var name in (string[])[SampleDocuments.Text, SampleDocuments.LongPdf, SampleDocuments.Docx])
            await page.WaitForAsync(name, "completed");
        foreach (var name in (string[])[SampleDocuments.EncryptedPdf, SampleDocuments.DamagedPdf])
            await page.WaitForAsync(name, "failed");
        Assert.Contains("password", await page.ErrorOfAsync(SampleDocuments.EncryptedPdf), StringComparison.Ordinal);
        Assert.Contains("damaged", await page.ErrorOfAsync(SampleDocuments.DamagedPdf), StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", await page.Page.InnerTextAsync("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_documents_than_a_browser_has_connections_all_finish_while_the_page_stays_usable()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:00.1"), ("Pipeline__Parallelism", "12"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        for (var i = 0; i < 9; i++)
            await page.UploadAsync($"letter {i}.txt", SampleDocuments.Read(SampleDocuments.Text));

        for (var i = 0; i < 9; i++)
            await page.WaitForAsync($"letter {i}.txt", "completed");
    }

    [Fact]
    public async Task Without_streams_the_page_asks_for_the_status()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:00.02"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address, p => p.RouteAsync("**/stream", route => route.FulfillAsync(new() { Status = 502 })));

        await page.UploadAsync(SampleDocuments.LongPdf);

        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");
        Assert.Contains(await page.SeenAsync(SampleDocuments.LongPdf), s => s is { Status: "processing", Percent: > 0 });
    }

    [Fact]
    public async Task File_name_with_markup_stays_text()
    {
        const string name = "<img src=x onerror=window.hacked=1>.txt";
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, Fast);
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(name, SampleDocuments.Read(SampleDocuments.Text));
        await page.WaitForAsync(name, "completed");
        await page.Page.ReloadAsync();
        await page.WaitForAsync(name, "completed");

        Assert.Equal(0, await page.Page.Locator("img").CountAsync());
        Assert.False(await page.Page.EvaluateAsync<bool>("'hacked' in window"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task Refused_file_says_why_on_the_page()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__MaxUploadBytes", "20000"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync("picture.pdf", [0x89, 0x50, 0x4E, 0x47]);
        await page.WaitForAsync("picture.pdf", "refused");
        await page.UploadAsync(SampleDocuments.LongPdf);
        await page.WaitForAsync(SampleDocuments.LongPdf, "refused");

        Assert.Contains("something else", await page.ErrorOfAsync("picture.pdf"), StringComparison.Ordinal);
        Assert.Contains("too large", await page.ErrorOfAsync(SampleDocuments.LongPdf), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_dropped_on_the_page_and_chosen_with_the_keyboard()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, Fast);
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.Page.EvaluateAsync("""
            () => {
              const data = new DataTransfer();
              data.items.add(new File(["The parties agree."], "dropped.txt"));
              document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """);
        await page.WaitForAsync("dropped.txt", "completed");
        IFileChooser? chooser = null;
        page.Page.FileChooser += (_, opened) => chooser = opened;
        await page.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Page.Locator("#picker")).ToBeFocusedAsync();

        // On a busy machine the browser drops a key now and then.
        var shown = await Eventually.GetAsync(PressAsync, static shown => shown is not null, "a chooser of files");

        Assert.True(shown!.IsMultiple);

        async Task<IFileChooser?> PressAsync()
        {
            await page.Page.Keyboard.PressAsync("Enter");
            return Volatile.Read(ref chooser);
        }
    }

    [Fact]
    public async Task Bar_tells_assistive_technology_what_it_shows()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, Fast);
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(SampleDocuments.Text);
        await page.WaitForAsync(SampleDocuments.Text, "completed");

        var bar = page.Page.GetByRole(AriaRole.Progressbar, new() { Name = $"Progress of {SampleDocuments.Text}" });
        Assert.Equal("100", await bar.GetAttributeAsync("aria-valuenow"));
        Assert.StartsWith("100 percent, completed", await bar.GetAttributeAsync("aria-valuetext"), StringComparison.Ordinal);
        Assert.Contains("Completed", await page.Page.Locator("[aria-live=polite]").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_fits_a_phone()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, Fast);
        var page = await PipelinePage.OpenAsync(chromium, server.Address, p => p.SetViewportSizeAsync(390, 844));
        var name = new string('x', 90) + ".txt";

        await page.UploadAsync(name, SampleDocuments.Read(SampleDocuments.Text));
        await page.WaitForAsync(name, "completed");

        Assert.Equal(390, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task Page_can_be_read_on_a_telephone_and_on_a_desk_light_and_dark()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:00.1"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(SampleDocuments.Text, SampleDocuments.EncryptedPdf, SampleDocuments.LongPdf);
        await page.UploadAsync("picture.pdf", [0x89, 0x50, 0x4E, 0x47]);
        await page.WaitForAsync("picture.pdf", "refused");
        await page.WaitForAsync(SampleDocuments.Text, "completed");
        await page.WaitForAsync(SampleDocuments.EncryptedPdf, "failed");
        await page.Page.WaitForFunctionAsync("() => document.querySelector('.document[data-status=processing] lexintel-progress')?.getAttribute('aria-valuenow') > 30");

        await Pictures.TakeAsync(page.Page, "document-pipeline", "lexintel-progress");
    }
}
