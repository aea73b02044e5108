using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>A batch is a resource of its own.</summary>
public sealed class BatchAccessTests
{
    [Fact]
    public async Task Batch_is_for_those_who_may_see_the_batch_and_a_document_of_its_name_opens_nothing()
    {
        await using var host = await StartAsync();
        host.Readers.Grant("anna", "batch b");
        host.Readers.Grant("berta", "b", "a");

        foreach (var end in (string[])["stream", "status", "status?wait=20"])
        {
            await using var refused = await OpenAsync(host, end, await host.CookieAsync("berta"));
            Assert.Equal(403, refused.Status);
            Assert.DoesNotContain("total", await refused.ReadRestAsync(), StringComparison.Ordinal);
            await using var nobody = await OpenAsync(host, end, "X-Nothing: 1");
            Assert.Equal(401, nobody.Status);
        }

        await using var granted = await OpenAsync(host, "stream", await host.CookieAsync("anna"));
        Assert.Contains("\"total\":1,", await granted.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_is_not_opened_by_the_right_to_see_its_batch()
    {
        await using var host = await StartAsync();
        host.Readers.Grant("anna", "batch b");

        await using var refused = await host.StreamAsync("a", await host.CookieAsync("anna"));

        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task Withdrawn_batch_ends_its_stream_without_another_aggregate()
    {
        await using var host = await StartAsync();
        host.Readers.Grant("anna", "batch b");
        await using var stream = await OpenAsync(host, "stream", await host.CookieAsync("anna"));
        await stream.ReadNewsAsync();

        host.Readers.Withdraw("anna", "batch b");
        host.Readers.During = _ => host.PublishAsync(new("c", "x", 10) { BatchId = "b" });
        host.Time.Advance(TimeSpan.FromMinutes(1));

        var blocks = await stream.ReadToEndAsync();
        Assert.Equal("event: bye\ndata: {\"reason\":\"denied\"}", blocks[^1]);
        Assert.DoesNotContain(blocks, block => block.Contains("\"total\":2", StringComparison.Ordinal));
    }

    private static async Task<SignedInHost> StartAsync()
    {
        var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        await host.PublishAsync(new("a", "x", 50) { BatchId = "b" });
        await Eventually.GetAsync(
            async () => await host.Host.Services.GetRequiredService<IProgressSubscriber>().GetBatchAsync("b"), batch => batch?.Total == 1, "the batch");
        return host;
    }

    private static Task<SseConnection> OpenAsync(SignedInHost host, string end, string header) =>
        SseConnection.OpenAsync(host.Host.Address, $"/progress/batches/b/{end}", headers: header);
}
