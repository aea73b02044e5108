using System.Text.Json;
using LexIntel.Progress.Browser.Tests.Support;
using LexIntel.Progress.Testing.Browser;

namespace LexIntel.Progress.Browser.Tests;

/// <summary>A batch on a page.</summary>
public sealed class BatchTests(Chromium chromium)
{
    [Fact]
    public async Task Batch_of_1000_documents_within_20_seconds_ends_with_exact_counts_over_one_connection()
    {
        await using var context = await chromium.NewContextAsync();
        await using var site = await Site.LaunchAsync();
        using (var declared = await site.Client.PostAsync(new Uri("/batches/march?total=1000", UriKind.Relative), null))
            declared.EnsureSuccessStatusCode();
        var page = await SitePage.OpenAsync(context, site, "");
        await page.Page.EvaluateAsync(
            """
            () => {
              window.totals = [];
              progress.watchBatch('march', {
                onChange: ({ state }) => state && window.totals.push(state),
                onCompleted: ({ state }) => window.last = state,
              });
            }
            """);
        await page.Page.WaitForFunctionAsync("window.totals.length > 0");

        var started = Environment.TickCount64;
        int[] all = [.. Enumerable.Range(0, 1_000)];
        foreach (var percent in (int[])[25, 50, 75])
            await Parallel.ForEachAsync(all.Chunk(250), async (some, _) => await site.PublishAsync([.. some.Select(i => Update(i, percent, status: 1))]));
        // Two in a hundred fail (4), two are cancelled (5), the others are done (3).
        foreach (var some in all.Chunk(250))
            await site.PublishAsync([.. some.Select(i => Update(i, 75, status: (i % 50) switch { 0 => 4, 1 => 5, _ => 3 }))]);
        await page.Page.WaitForFunctionAsync("window.last", null, new() { Timeout = 20_000 });
        Assert.InRange(Environment.TickCount64 - started, 0, 20_000);

        var last = await page.Page.EvaluateAsync<JsonElement>("window.last");
        Assert.Equal(
            "1000 0 0 960 20 20 100",
            string.Join(' ', ((string[])["total", "pending", "processing", "completed", "failed", "cancelled", "progress"]).Select(name => last.GetProperty(name).GetInt32())));
        Assert.True(await page.Page.EvaluateAsync<bool>("window.totals.every((one, i, all) => i === 0 || one.progress >= all[i - 1].progress)"), "The bar fell.");
        Assert.Empty(page.Errors);
        var log = await site.LogAsync(log => log.Open == 0, "the stream is closed");
        Assert.Equal("GET /progress/batches/march/stream", Assert.Single(log.Streams).Target);
        Assert.Empty(log.Statuses);
    }

    private static object Update(int i, double percent, int status) =>
        new { documentId = $"doc-{i}", step = "extraction", percent, status, batchId = "march", batchWeight = 1 + (i % 3) };
}
