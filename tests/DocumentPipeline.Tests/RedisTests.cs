using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;

namespace DocumentPipeline.Tests;

/// <summary>Api and worker as two processes over a real redis-server.</summary>
public sealed class RedisTests(Chromium chromium)
{
    [Fact]
    public async Task Page_of_one_process_shows_the_work_of_the_other()
    {
        if (RedisServer.WhyMissing is { } reason)
            Assert.Skip(reason);
        await using var redis = await RedisServer.LaunchAsync();
        using var folder = new WorkFolder();
        (string, string)[] settings = [("ConnectionStrings__Redis", redis.Configuration), ("Pipeline__PageDelay", "00:00:00.04")];
        await using var api = await PipelineServer.StartAsync(folder, "http://127.0.0.1:0", ["--role", "api"], settings);
        var page = await PipelinePage.OpenAsync(chromium, api.Address);

        await page.UploadAsync(SampleDocuments.LongPdf);
        // Nobody works yet: what the page shows comes from the database.
        await page.WaitForAsync(SampleDocuments.LongPdf, "pending");
        await using var worker = SampleProgram.Start(["--role", "worker"], [("Pipeline__WorkingFolder", folder.Path), .. settings]);
        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");

        var seen = await page.SeenAsync(SampleDocuments.LongPdf);
        Assert.Equal(["extraction", "chunking", "embedding"], await page.StepsAsync(SampleDocuments.LongPdf));
        Assert.Equal(seen.Select(s => s.Percent).Order(), seen.Select(s => s.Percent));
        Assert.Equal(0, await worker.StopAsync());
    }

    [Fact]
    public async Task Killed_worker_is_reported_and_another_completes_the_document()
    {
        if (RedisServer.WhyMissing is { } reason)
            Assert.Skip(reason);
        await using var redis = await RedisServer.LaunchAsync();
        using var folder = new WorkFolder();
        (string, string)[] settings =
        [
            ("ConnectionStrings__Redis", redis.Configuration), ("Pipeline__PageDelay", "00:00:00.03"), ("Pipeline__ClaimTimeout", "00:00:02"),
            ("LexIntel__Progress__Lease", "00:00:03"), ("LexIntel__Progress__QuietInterval", "00:00:00.5"),
        ];
        await using var api = await PipelineServer.StartAsync(folder, "http://127.0.0.1:0", ["--role", "api"], settings);
        var page = await PipelinePage.OpenAsync(chromium, api.Address);
        await page.UploadAsync(SampleDocuments.LongPdf);
        await using (var worker = SampleProgram.Start(["--role", "worker"], [("Pipeline__WorkingFolder", folder.Path), .. settings]))
        {
            await page.WaitForPercentAsync(30);
            await worker.KillAsync();
        }

        await page.Page.GetByText("The worker gives no sign of life.").WaitForAsync();
        await using var second = SampleProgram.Start(["--role", "worker"], [("Pipeline__WorkingFolder", folder.Path), .. settings]);

        await page.WaitForAsync(SampleDocuments.LongPdf, "completed");
    }

    [Fact]
    public async Task Without_its_redis_the_page_shows_what_the_database_says()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(
            folder, ("ConnectionStrings__Redis", $"127.0.0.1:{LoopbackPort.Free()}"), ("Pipeline__PageDelay", "0"));
        var page = await PipelinePage.OpenAsync(chromium, server.Address);

        await page.UploadAsync(SampleDocuments.Docx, SampleDocuments.EncryptedPdf);

        await page.WaitForAsync(SampleDocuments.Docx, "completed");
        await page.WaitForAsync(SampleDocuments.EncryptedPdf, "failed");
    }

    [Fact]
    public async Task Both_roles_in_one_process_run_over_redis()
    {
        if (RedisServer.WhyMissing is { } reason)
            Assert.Skip(reason);
        await using var redis = await RedisServer.LaunchAsync();
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("ConnectionStrings__Redis", redis.Configuration), ("Pipeline__PageDelay", "0"));

        var id = await server.UploadAsync(SampleDocuments.Docx, SampleDocuments.Read(SampleDocuments.Docx));

        Assert.Equal("completed", (string)(await server.EndAsync(id))["status"]!);
    }
}
