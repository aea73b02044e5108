using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;

namespace Samples.Tests;

/// <summary>Workers in Python, without any package, beside a .NET backend.</summary>
public sealed class PythonWorkerTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task Worker_that_offers_is_streamed_with_revisions_and_stored()
    {
        await using var redis = await RedisAsync();
        await using var host = await SampleProcess.StartAsync("StreamHost", ("ConnectionStrings__Redis", redis.Configuration));
        var stream = await host.StreamAsync("py");
        await RunAsync("offer_worker.py", "py", redis);

        var states = await stream.WithinAsync("the end of the stream");

        Assert.Equal(("completed", 100), (states[^1].GetProperty("status").GetString(), states[^1].GetProperty("progress").GetDouble()));
        Assert.All(states.Skip(1), state => Assert.True(state.TryGetProperty("revision", out _)));
        await using var late = await SampleProcess.StartAsync("StreamHost", ("ConnectionStrings__Redis", redis.Configuration));
        Assert.Contains("20 pages read", await late.GetAsync("/progress/documents/py/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_that_only_publishes_is_streamed_live()
    {
        await using var redis = await RedisAsync();
        await using var host = await SampleProcess.StartAsync("StreamHost", ("ConnectionStrings__Redis", redis.Configuration));
        var stream = await host.StreamAsync("py");
        await RunAsync("publish_worker.py", "py", redis);

        var states = await stream.WithinAsync("the end of the stream");

        Assert.Equal(("completed", 100), (states[^1].GetProperty("status").GetString(), states[^1].GetProperty("progress").GetDouble()));
        Assert.All(states, state => Assert.False(state.TryGetProperty("revision", out _)));
    }

    private static async Task<RedisServer> RedisAsync()
    {
        Assert.SkipUnless(File.Exists(Python), "python3 is not installed. Install it (apt-get install python3), or run ./test.sh, which does.");
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        return await RedisServer.LaunchAsync();
    }

    private static async Task RunAsync(string worker, string documentId, RedisServer redis)
    {
        var script = Path.Combine(Checkout.Root, "samples/PythonWorkers", worker);
        using var process = Process.Start(new ProcessStartInfo(Python, ["-B", script, documentId, "127.0.0.1", redis.Port.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
