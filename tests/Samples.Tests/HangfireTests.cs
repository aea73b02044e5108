using LexIntel.Progress.Testing;

namespace Samples.Tests;

public sealed class HangfireTests
{
    [Fact]
    public async Task Run_that_fails_is_retried_on_the_same_stream_and_shown_as_run_2()
    {
        await using var sample = await SampleProcess.StartAsync("HangfireSample");
        var stream = await sample.StreamAsync("a");
        using var queued = await sample.Client.PostAsync(new Uri("/documents/a", UriKind.Relative), null);
        queued.EnsureSuccessStatusCode();

        var states = await stream.WithinAsync("the end of the stream", TimeSpan.FromMinutes(1));

        var failed = Assert.Single(states, state => state.GetProperty("status").GetString() == "retrying");
        Assert.Equal("The embedding service did not answer.", failed.GetProperty("error_message").GetString());
        Assert.Equal(("completed", 2), (states[^1].GetProperty("status").GetString(), states[^1].GetProperty("run").GetInt32()));
        Assert.Contains("EventSource", await sample.GetAsync("/"), StringComparison.Ordinal);
    }
}
