using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;

namespace Samples.Tests;

public sealed class MinimalApiTests
{
    [Fact]
    public async Task Job_is_streamed_from_its_beginning_to_its_end()
    {
        await using var sample = await SampleProcess.StartAsync("MinimalApi", ("ASPNETCORE_ENVIRONMENT", "Development"));
        var stream = await sample.StreamAsync("42");
        using var job = await sample.Client.PostAsync(new Uri("/documents/42", UriKind.Relative), null);
        job.EnsureSuccessStatusCode();

        var states = await stream.WithinAsync("the end of the stream");

        Assert.Equal("completed", states[^1].GetProperty("status").GetString());
        Assert.InRange(states.Count, 10, 70);
        var module = Regex.Match(await sample.GetAsync("/"), "src=\"([^\"]+)\"").Groups[1].Value;
        Assert.Contains("export", await sample.GetAsync(module), StringComparison.Ordinal);
    }
}
