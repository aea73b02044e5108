using DocumentPipeline.Tests.Support;

namespace DocumentPipeline.Tests;

/// <summary>The sample with file arguments.</summary>
public sealed class TerminalTests
{
    private static readonly (string, string) Fast = ("Pipeline__PageDelay", "0");

    [Fact]
    public async Task Good_files_end_with_code_0()
    {
        await using var run = SampleProgram.Start([SampleDocuments.PathOf(SampleDocuments.Docx), SampleDocuments.PathOf(SampleDocuments.Text)], Fast);

        Assert.Equal(0, await run.EndAsync());
        Assert.Contains($"{SampleDocuments.Docx}: completed", run.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 completed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_bad_file_among_good_ones_ends_with_code_1()
    {
        await using var run = SampleProgram.Start([SampleDocuments.PathOf(SampleDocuments.Text), SampleDocuments.PathOf(SampleDocuments.EncryptedPdf)], Fast);

        Assert.Equal(1, await run.EndAsync());
        Assert.Contains($"{SampleDocuments.Text}: completed", run.Output, StringComparison.Ordinal);
        Assert.Contains("password", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-file.pdf", "There is no such file")]
    [InlineData("/", "This is a folder")]
    public async Task File_that_cannot_be_opened_is_named_with_the_reason(string path, string reason)
    {
        await using var run = SampleProgram.Start([path]);

        Assert.Equal(1, await run.EndAsync());
        Assert.Contains(reason, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_name_never_controls_the_terminal()
    {
        using var folder = new WorkFolder();
        var path = folder.File("[red]\u001B]0;hacked\u0007\u001B[2J\nline.txt", "The parties agree."u8.ToArray());
        await using var lines = SampleProgram.Start([path], Fast);
        await using var bars = SampleProgram.StartInTerminal([path], Fast);

        Assert.Equal(0, await lines.EndAsync());
        Assert.Equal(0, await bars.EndAsync());
        Assert.DoesNotContain('\u001B', lines.Output);
        Assert.DoesNotContain('\u0007', lines.Output);
        Assert.DoesNotContain("\u001B]0;hacked", bars.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0007', bars.Output);
        // The square brackets are text to the library that draws the bars as well.
        Assert.Contains("[red]", bars.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminal_shows_live_bars()
    {
        await using var run = SampleProgram.StartInTerminal([SampleDocuments.PathOf(SampleDocuments.LongPdf)], ("Pipeline__PageDelay", "00:00:00.02"));

        Assert.Equal(0, await run.EndAsync());
        Assert.Contains("extraction", run.Output, StringComparison.Ordinal);
        Assert.Contains("embedding", run.Output, StringComparison.Ordinal);
        Assert.Contains("100%", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_ends_it_soon_and_leaves_nothing_behind()
    {
        using var folder = new WorkFolder();
        await using var run = SampleProgram.Start([SampleDocuments.PathOf(SampleDocuments.LongPdf)], ("TMPDIR", folder.Path));
        await run.LineAsync("extraction");

        Assert.Equal(130, await run.StopAsync("INT"));
        Assert.Contains("Cancelled", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path, "document-pipeline-*"));
    }

    [Theory]
    [InlineData("There is no option --frobnicate", "--frobnicate")]
    [InlineData("There is no role 'boss'", "--role", "boss")]
    [InlineData("needs a value", "--role")]
    [InlineData("Use one or the other", "--role", "api", "file.txt")]
    [InlineData("ConnectionStrings__Redis", "--role", "worker")]
    [InlineData("ConnectionStrings__Redis", "--role", "api")]
    [InlineData("Pipeline:PageDelay", "--Pipeline:PageDelay", "1.00:00:00", "--Pipeline:Parallelism", "0", "file.txt")]
    [InlineData("'abc' at 'Pipeline:PageDelay'", "--Pipeline:PageDelay", "abc", "--role=api", "--ConnectionStrings:Redis", "localhost:1")]
    [InlineData("'abc' at 'LexIntel:Progress:Lease'", "--LexIntel:Progress:Lease=abc", "file.txt")]
    public async Task Wrong_arguments_end_with_code_2_and_say_what_to_change(string reason, params string[] arguments)
    {
        await using var run = SampleProgram.Start(arguments);

        Assert.Equal(2, await run.EndAsync());
        Assert.Contains(reason, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }
}
