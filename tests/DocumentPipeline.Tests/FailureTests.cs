using DocumentPipeline.Tests.Support;

namespace DocumentPipeline.Tests;

/// <summary>Failures that are not the document's fault.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task Document_that_takes_too_long_fails_and_says_so()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__PageDelay", "00:00:02"), ("Pipeline__MaxProcessingTime", "00:00:01"));

        var id = await server.UploadAsync(SampleDocuments.LongPdf, SampleDocuments.Read(SampleDocuments.LongPdf));

        var end = await server.EndAsync(id);
        Assert.Equal("failed", (string)end["status"]!);
        Assert.Contains("longer than 1 s,", (string)end["error_message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unexpected_error_is_tried_again_and_then_told_without_its_details()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("Pipeline__Parallelism", "1"), ("Pipeline__RetryDelay", "00:00:01"), ("Pipeline__PageDelay", "00:00:00.2"));
        await server.UploadAsync(SampleDocuments.Docx, SampleDocuments.Read(SampleDocuments.Docx));
        var id = await server.UploadAsync(SampleDocuments.Text, SampleDocuments.Read(SampleDocuments.Text));

        // The only worker is busy with the first document.
        File.Delete(Path.Combine(folder.Path, "files", id));

        var retrying = await server.StatusAsync(id, state => (string)state["status"]! == "retrying", "a retry");
        Assert.Contains("tried again (2 of 3)", (string)retrying["error_message"]!, StringComparison.Ordinal);
        var end = await server.EndAsync(id);
        Assert.Equal("failed", (string)end["status"]!);
        Assert.Equal(3, (int)end["run"]!);
        Assert.Equal("Something went wrong on our side, and trying again did not help.", (string)end["error_message"]!);
    }

    [Fact]
    public async Task Document_that_ends_the_program_again_and_again_is_given_up()
    {
        using var folder = new WorkFolder();
        (string, string)[] settings = [("Pipeline__ClaimTimeout", "00:00:01"), ("Pipeline__MaxTries", "1"), ("Pipeline__PageDelay", "00:00:01")];
        string id;
        await using (var first = await PipelineServer.StartAsync(folder, settings))
        {
            id = await first.UploadAsync(SampleDocuments.LongPdf, SampleDocuments.Read(SampleDocuments.LongPdf));
            await first.StatusAsync(id, state => (string)state["message"]! == "Reading page 1 of 104", "the first page");
            await first.KillAsync();
        }

        await using var second = await PipelineServer.StartAsync(folder, settings);

        var end = await second.EndAsync(id);
        Assert.Equal("failed", (string)end["status"]!);
        Assert.Contains("given up", (string)end["error_message"]!, StringComparison.Ordinal);
    }
}
