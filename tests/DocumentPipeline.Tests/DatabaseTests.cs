using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;

namespace DocumentPipeline.Tests;

/// <summary>The database is the source of truth and the queue, on SQLite and on a real PostgreSQL.</summary>
public sealed class DatabaseTests(Postgres postgres) : IClassFixture<Postgres>
{
    public enum Kind
    {
        Sqlite,
        Postgres,
    }

    [Theory]
    [InlineData(Kind.Sqlite)]
    [InlineData(Kind.Postgres)]
    public async Task Without_its_redis_the_status_comes_from_the_database(Kind kind)
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, ("ConnectionStrings__Redis", $"127.0.0.1:{LoopbackPort.Free()}"), Database(kind), ("Pipeline__PageDelay", "0"));

        var id = await server.UploadAsync(SampleDocuments.Docx, SampleDocuments.Read(SampleDocuments.Docx));

        Assert.Equal("completed", (string)(await server.EndAsync(id))["status"]!);
        using var status = await server.Client.GetAsync(new Uri($"/progress/documents/{id}/status", UriKind.Relative));
        Assert.Equal("database", Assert.Single(status.Headers.GetValues("X-Progress-Source")));
        using var unknown = await server.Client.GetAsync(new Uri("/progress/documents/unknown/status", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Workers_of_two_processes_on_postgres_never_take_the_same_job()
    {
        const int documents = 12;
        if (RedisServer.WhyMissing is { } reason)
            Assert.Skip(reason);
        await using var redis = await RedisServer.LaunchAsync();
        using var folder = new WorkFolder();
        (string, string)[] settings =
        [
            ("Pipeline__WorkingFolder", folder.Path), ("ConnectionStrings__Redis", redis.Configuration), postgres.NewDatabase(),
            ("Pipeline__PageDelay", "0"), ("Pipeline__Parallelism", "4"), ("Pipeline__PollInterval", "00:00:00.01"), ("Pipeline__ClaimTimeout", "00:02:00"),
        ];
        await using var api = await PipelineServer.StartAsync(folder, "http://127.0.0.1:0", ["--role", "api"], settings);
        var ids = new List<string>();
        for (var i = 0; i < documents; i++)
            ids.Add(await api.UploadAsync(SampleDocuments.Text, SampleDocuments.Read(SampleDocuments.Text)));
        await using var first = SampleProgram.Start(["--role", "worker"], settings);
        await using var second = SampleProgram.Start(["--role", "worker"], settings);

        foreach (var id in ids)
        {
            var end = await api.EndAsync(id);
            // A second worker on the same job would have begun a second attempt.
            Assert.Equal(("completed", null), ((string)end["status"]!, (int?)end["run"]));
        }
    }

    [Fact]
    public async Task Killed_process_on_postgres_goes_on_with_its_document_when_it_is_started_again()
    {
        using var folder = new WorkFolder();
        (string, string)[] settings = [postgres.NewDatabase(), ("Pipeline__PageDelay", "00:00:00.02"), ("Pipeline__ClaimTimeout", "00:00:01")];
        string id;
        await using (var killed = await PipelineServer.StartAsync(folder, settings))
        {
            id = await killed.UploadAsync(SampleDocuments.LongPdf, SampleDocuments.Read(SampleDocuments.LongPdf));
            await killed.StatusAsync(id, state => (double)state["progress"]! >= 20, "20 %");
            await killed.KillAsync();
        }

        await using var server = await PipelineServer.StartAsync(folder, settings);

        var end = await server.EndAsync(id);
        Assert.Equal(("completed", "104 pages, 423 passages"), ((string)end["status"]!, (string)end["message"]!));
    }

    [Fact]
    public async Task Pdf_whose_font_maps_to_what_postgres_does_not_store_is_completed()
    {
        using var folder = new WorkFolder();
        await using var server = await PipelineServer.StartAsync(folder, postgres.NewDatabase(), ("Pipeline__PageDelay", "0"));

        // A as zero, B as half of a surrogate pair.
        var id = await server.UploadAsync("font.pdf", SampleDocuments.PdfOfFont("<41> <0000> <42> <D800>", "ABCABC"));

        var end = await server.EndAsync(id);
        Assert.Equal(("completed", null), ((string)end["status"]!, (string?)end["error_message"]));
    }

    [Fact]
    public async Task Database_that_does_not_answer_ends_the_start_with_the_setting_to_look_at()
    {
        using var folder = new WorkFolder();
        await using var program = SampleProgram.Start(
            ["--role", "worker"],
            ("Pipeline__WorkingFolder", folder.Path), ("ConnectionStrings__Redis", "127.0.0.1:1"), ("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1;Username=u;Database=d"));

        Assert.Equal(2, await program.EndAsync());
        Assert.Contains("ConnectionStrings__Postgres", program.Output, StringComparison.Ordinal);
    }

    private (string Name, string Value) Database(Kind kind) => kind == Kind.Postgres ? postgres.NewDatabase() : ("ConnectionStrings__Postgres", "");
}
