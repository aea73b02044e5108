using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Tests.Death;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>A long outage costs memory for each live document, and not more than is promised.</summary>
public sealed class OutboxMemoryTests
{
    private const long MostBytes = 100_000_000;

    [Fact]
    public async Task Outage_with_100_000_live_documents_stays_within_100_MB()
    {
        // In a process of its own: what other tests allocate meanwhile is not measured.
        using var process = Process.Start(new ProcessStartInfo("dotnet", [WorkerProcess.Program, "outbox-memory", "100000"]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToList();
        Assert.Equal(["tracked", "plain"], lines.Select(line => line[0]));
        // Less than 10 bytes a document would mean that nothing was kept.
        Assert.All(lines, line => Assert.InRange(long.Parse(line[1], CultureInfo.InvariantCulture), 1_000_000, MostBytes));
    }
}
