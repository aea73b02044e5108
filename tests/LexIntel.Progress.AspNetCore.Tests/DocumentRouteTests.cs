using System.Text.Json;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class DocumentRouteTests
{
    [Theory]
    [InlineData("a%20b", "a b")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a:b", "a:b")]
    [InlineData("*", "*")]
    [InlineData("%5Bab%5D", "[ab]")]
    [InlineData("%7B%7D", "{}")]
    [InlineData("%F0%9F%8E%89", "🎉")]
    [InlineData("a+b", "a+b")]
    [InlineData("...", "...")]
    [InlineData("stream", "stream")]
    public async Task Id_is_decoded_once_and_names_the_document_everywhere(string encoded, string id)
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync(new(id, "a", 42));

        var state = JsonElement.Parse(await host.Client.GetStringAsync($"/progress/documents/{encoded}/status"));
        Assert.Equal((id, 42), (state.GetProperty("document_id").GetString(), state.GetProperty("progress").GetInt32()));
        await using var stream = await SseConnection.OpenAsync(host.Address, $"/progress/documents/{encoded}/stream");
        Assert.Contains("\"progress\":42,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%0A", "U+000A")]
    [InlineData("%7F", "U+007F")]
    [InlineData("%FF", "percent-encoded")]
    [InlineData("%ED%A0%80", "percent-encoded")]
    [InlineData("a%2", "percent-encoded")]
    [InlineData("{257}", "257 bytes")]
    public async Task Id_that_breaks_the_rules_is_refused_with_the_reason(string encoded, string reason)
    {
        await using var host = await TestHost.StartAsync();
        encoded = encoded.Replace("{257}", new string('x', 257), StringComparison.Ordinal);
        foreach (var endpoint in new[] { "stream", "status" })
        {
            await using var answer = await SseConnection.OpenAsync(host.Address, $"/progress/documents/{encoded}/{endpoint}");
            Assert.Equal(400, answer.Status);
            Assert.Contains("application/problem+json", answer.Head, StringComparison.Ordinal);
            Assert.Contains(reason, await ReadBody(answer), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData("%2E%2E")]
    [InlineData("")]
    [InlineData("a/b")]
    public async Task Target_that_names_no_document_is_not_found(string encoded)
    {
        await using var host = await TestHost.StartAsync();
        await using var answer = await SseConnection.OpenAsync(host.Address, $"/progress/documents/{encoded}/status");
        Assert.Equal(404, answer.Status);
    }

    [Fact]
    public async Task Id_of_256_bytes_is_served()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = await host.StreamAsync(new string('ü', 128));
        Assert.Equal(200, stream.Status);
    }

    private static async Task<string> ReadBody(SseConnection answer)
    {
        try
        {
            return await answer.ReadBlockAsync() ?? "";
        }
        catch (InvalidOperationException body)
        {
            return body.Message;
        }
    }
}
