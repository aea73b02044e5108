using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using DocumentPipeline.Tests.Support;
using LexIntel.Progress.Testing;

namespace DocumentPipeline.Tests;

/// <summary>What <c>POST /documents</c> takes and refuses, and how documents fail that cannot be read. One server for all of it.</summary>
public sealed class UploadTests : IAsyncLifetime
{
    private readonly WorkFolder _folder = new();
    private PipelineServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PipelineServer.StartAsync(
        _folder,
        ("Pipeline__PageDelay", "0"), ("Pipeline__MaxUploadBytes", "200000"), ("Pipeline__MaxUnpackedBytes", "1000000"),
        ("Pipeline__MaxArchiveEntries", "50"), ("Pipeline__MaxPages", "110"));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(SampleDocuments.LongPdf)]
    [InlineData(SampleDocuments.Docx)]
    [InlineData(SampleDocuments.Text)]
    public async Task Shipped_document_is_completed(string name)
    {
        using var response = await _server.PostAsync(name, SampleDocuments.Read(name));
        var id = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!;

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/progress/documents/{id}/status", response.Headers.Location!.ToString());
        // The database has the end first, and is asked as long as nothing is stored; it knows no steps.
        var end = await _server.StatusAsync(id, state => (string)state["status"]! is not "processing" && state["steps"] is not null, "the end with its steps");
        Assert.Equal("completed", (string)end["status"]!);
        Assert.Equal(["extraction", "chunking", "embedding"], end["steps"]!.AsArray().Select(step => (string)step!["name"]!));
        Assert.False(end.AsObject().ContainsKey("run"), "Both jobs are one attempt.");
    }

    [Fact]
    public async Task Request_without_file_is_400()
    {
        using var noBody = await _server.Client.PostAsync("/documents", null);
        using var otherField = await _server.Client.PostAsync("/documents", new MultipartFormDataContent { { new StringContent("x"), "comment" } });
        using var noMultipart = await _server.Client.PostAsync("/documents", new StringContent("hello"));

        foreach (var response in (HttpResponseMessage[])[noBody, otherField, noMultipart])
            await AssertRefusedAsync(response, HttpStatusCode.BadRequest, "'file'");
    }

    [Fact]
    public async Task Several_files_in_one_request_are_400()
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent("one"u8.ToArray()), "file", "one.txt" },
            { new ByteArrayContent("two"u8.ToArray()), "file", "two.txt" },
        };
        using var response = await _server.Client.PostAsync("/documents", form);

        await AssertRefusedAsync(response, HttpStatusCode.BadRequest, "several files");
    }

    [Fact]
    public async Task Broken_off_form_is_400()
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello"));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using var response = await _server.Client.PostAsync("/documents", content);

        await AssertRefusedAsync(response, HttpStatusCode.BadRequest, "broken off");
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "uploads")));
    }

    [Fact]
    public async Task Empty_file_is_400()
    {
        using var response = await _server.PostAsync("empty.txt", []);

        await AssertRefusedAsync(response, HttpStatusCode.BadRequest, "empty");
    }

    [Theory]
    [InlineData("picture.pdf", new byte[] { 0x89, 0x50, 0x4E, 0x47 })]
    [InlineData("program.txt", new byte[] { 0x7F, 0x45, 0x4C, 0x46, 0, 1 })]
    [InlineData("text.docx", new byte[] { 0x48, 0x69 })]
    [InlineData("pdf.txt", new byte[] { 0x25, 0x50, 0x44, 0x46, 0x2D })]
    [InlineData("script.js", new byte[] { 0x48, 0x69 })]
    [InlineData("noextension", new byte[] { 0x48, 0x69 })]
    public async Task Content_that_is_not_what_the_name_says_is_415(string name, byte[] content)
    {
        using var response = await _server.PostAsync(name, content);

        await AssertRefusedAsync(response, HttpStatusCode.UnsupportedMediaType, "PDF, DOCX and TXT");
    }

    [Fact]
    public async Task Word_file_with_a_password_is_415_and_says_so()
    {
        using var response = await _server.PostAsync("contract.docx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

        await AssertRefusedAsync(response, HttpStatusCode.UnsupportedMediaType, "password");
    }

    [Fact]
    public async Task File_above_the_limit_is_413_and_leaves_nothing_behind()
    {
        using var response = await _server.PostAsync("large.txt", new byte[300_000]);

        await AssertRefusedAsync(response, HttpStatusCode.RequestEntityTooLarge, "195.3 KB");
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "uploads")));
    }

    [Fact]
    public async Task File_of_exactly_the_limit_is_taken()
    {
        var content = new byte[200_000];
        content.AsSpan().Fill((byte)'a');

        Assert.NotEqual("", await _server.UploadAsync("exact.txt", content));
    }

    [Theory]
    [InlineData("bomb.docx", "larger than")]
    [InlineData("parts.docx", "more than 50 parts")]
    [InlineData("bomb.pdf", "larger than")]
    [InlineData("scan.pdf", "No text was found")]
    [InlineData("zip.docx", "not a Word document")]
    [InlineData("pages.txt", "more than 110 pages")]
    [InlineData(SampleDocuments.EncryptedPdf, "password")]
    [InlineData(SampleDocuments.DamagedPdf, "damaged")]
    public async Task Unreadable_document_fails_with_an_error_for_people(string name, string reason)
    {
        var id = await _server.UploadAsync(name, Content(name));

        var end = await _server.EndAsync(id);
        Assert.Equal("failed", (string)end["status"]!);
        Assert.Contains(reason, (string)end["error_message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stream")]
    public async Task Unknown_document_is_404(string endpoint)
    {
        // The database of a program that has just started can take longer than a stream waits for it; the next request finds it awake.
        await Eventually.GetAsync(
            async () =>
            {
                using var response = await _server.Client.GetAsync(new Uri($"/progress/documents/nobody-knows/{endpoint}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
                return response.StatusCode;
            },
            status => status == HttpStatusCode.NotFound,
            "404");
    }

    [Fact]
    public async Task File_name_is_cleaned_before_it_is_stored()
    {
        var id = await _server.UploadAsync("..\\..\\evil\u202Etxt.pdf\u001B[31m.txt", "The parties agree."u8.ToArray());

        var documents = JsonNode.Parse(await _server.Client.GetStringAsync(new Uri("/documents", UriKind.Relative)))!.AsArray();
        Assert.Equal("eviltxt.pdf [31m.txt", (string)documents.Single(document => (string)document!["id"]! == id)!["file_name"]!);
    }

    private static byte[] Content(string name) => name switch
    {
        "bomb.docx" => SampleDocuments.DocxBomb(20_000_000),
        "parts.docx" => SampleDocuments.DocxOfParts(60),
        "bomb.pdf" => SampleDocuments.PdfBomb(20_000_000),
        "scan.pdf" => SampleDocuments.PdfWithoutText(),
        "zip.docx" => SampleDocuments.EmptyZip(),
        "pages.txt" => Encoding.ASCII.GetBytes(string.Join('\f', Enumerable.Range(1, 111))),
        _ => SampleDocuments.Read(name),
    };

    private static async Task AssertRefusedAsync(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(reason, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!, StringComparison.Ordinal);
    }
}
