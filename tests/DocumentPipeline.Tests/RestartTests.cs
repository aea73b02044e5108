using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;

namespace DocumentPipeline.Tests;

/// <summary>The queue survives the process.</summary>
public sealed class RestartTests(Chromium chromium)
{
    private static readonly (string, string)[] Settings = [("Pipeline__PageDelay", "00:00:00.03"), ("Pipeline__ClaimTimeout", "00:00:02")];

    [Theory]
    [InlineData(20)]
    [InlineData(75)]
    public async Task Killed_process_is_followed_by_one_that_completes_the_document(double percent)
    {
        using var folder = new WorkFolder();
        string id;
        await using (var first = await PipelineServer.StartAsync(folder, Settings))
        {
            id = await first.UploadAsync(SampleDocuments.LongPdf, SampleDocuments.Read(SampleDocuments.LongPdf));
            await first.StatusAsync(id, state => (double)state["progress"]! >= percent, $"{percent} %");
            await first.KillAsync();
        }

        await using var second = await PipelineServer.StartAsync(folder, Settings);
        Assert.NotEqual("completed", (string)(await second.StatusAsync(id))["status"]!);
        var end = await second.EndAsync(id);

        Assert.Equal("completed", (string)end["status"]!);
        Assert.Equal("104 pages, 423 passages", (string)end["message"]!);
    }

    [Fact]
    public async Task Open_page_sees_a_restart_and_then_the_end()
    {
        using var folder = new WorkFolder();
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}";
        await using var first = await PipelineServer.StartAsync(folder, url, [], Settings);
        var page = await PipelinePage.OpenAsync(chromium, first.Address);
        await page.UploadAsync(SampleDocuments.LongPdf);
        await page.WaitForPercentAsync(20);

        await first.StopAsync();
        await using var second = await PipelineServer.StartAsync(folder, url, [], Settings);

        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");
    }

    [Fact]
    public async Task Finished_documents_are_listed_after_a_restart()
    {
        using var folder = new WorkFolder();
        string id;
        await using (var first = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "0")))
        {
            id = await first.UploadAsync(SampleDocuments.Docx, SampleDocuments.Read(SampleDocuments.Docx));
            await first.EndAsync(id);
            await first.StopAsync();
        }

        await using var second = await PipelineServer.StartAsync(folder);
        var page = await PipelinePage.OpenAsync(chromium, second.Address);

        await page.WaitForAsync(SampleDocuments.Docx, "completed");
        Assert.Equal("completed", (string)(await second.StatusAsync(id))["status"]!);
    }
}
