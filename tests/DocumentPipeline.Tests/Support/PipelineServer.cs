using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using LexIntel.Progress.Testing;

namespace DocumentPipeline.Tests.Support;

/// <summary>The sample as a server, and what its clients ask of it.</summary>
internal sealed class PipelineServer : IAsyncDisposable
{
    /// <summary>How long a document may take on a machine that is very busy; only a failing test waits for so long.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly SampleProgram _program;

    private PipelineServer(SampleProgram program, Uri address)
    {
        _program = program;
        Address = address;
        Client = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static Task<PipelineServer> StartAsync(WorkFolder folder, params (string Name, string Value)[] settings) =>
        StartAsync(folder, "http://127.0.0.1:0", [], settings);

    public static async Task<PipelineServer> StartAsync(WorkFolder folder, string url, string[] arguments, params (string Name, string Value)[] settings)
    {
        const string listening = "Now listening on: ";
        var program = SampleProgram.Start(["--urls", url, .. arguments], [("Pipeline__WorkingFolder", folder.Path), .. settings]);
        try
        {
            var line = await program.LineAsync(listening);
            return new(program, new Uri(line[(line.IndexOf(listening, StringComparison.Ordinal) + listening.Length)..]));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    public Task<HttpResponseMessage> PostAsync(string fileName, byte[] content)
    {
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return Client.PostAsync("/documents", new MultipartFormDataContent { { file, "file", fileName } });
    }

    /// <summary>Sends a file and returns the id of the new document.</summary>
    public async Task<string> UploadAsync(string fileName, byte[] content)
    {
        using var response = await PostAsync(fileName, content);
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!;
    }

    public async Task<JsonNode> StatusAsync(string id) =>
        JsonNode.Parse(await Client.GetStringAsync(new Uri($"/progress/documents/{id}/status", UriKind.Relative)))!;

    public Task<JsonNode> StatusAsync(string id, Func<JsonNode, bool> isIt, string expected) =>
        Eventually.GetAsync(() => StatusAsync(id), isIt, expected, Limit);

    /// <summary>Waits for the end of a document, whatever it is.</summary>
    public Task<JsonNode> EndAsync(string id) =>
        StatusAsync(id, state => (string)state["status"]! is "completed" or "failed" or "cancelled", "the end of the document");

    public Task StopAsync() => _program.StopAsync();

    public Task KillAsync() => _program.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
    }
}
