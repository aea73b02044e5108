using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>A database that takes its time to say that there is no such document.</summary>
public sealed class SlowSourceTests
{
    [Fact]
    public async Task Unknown_document_of_a_slow_source_is_denied_on_the_stream_that_has_begun_and_404_to_the_client_that_returns()
    {
        var source = new SlowSource();
        await using var host = await TestHost.StartAsync(progress => progress.Services.AddSingleton<IProgressSnapshotSource>(source));
        // Headers do not wait for the source.
        await using var stream = await host.StreamAsync("nix").WithinAsync("headers");
        Assert.Equal(200, stream.Status);
        Assert.StartsWith("retry: ", await stream.ReadBlockAsync(), StringComparison.Ordinal);
        Assert.Equal("event: heartbeat\ndata: {}", await stream.ReadBlockAsync());

        source.Answer.SetResult();

        Assert.Equal(["event: denied\ndata: {\"document_id\":\"nix\",\"status\":404}", SseConnection.End("0-0")], await stream.ReadToEndAsync());
        await using var again = await host.StreamAsync("nix", "0-0-end");
        Assert.Equal(404, again.Status);
    }

    private sealed class SlowSource : IProgressSnapshotSource
    {
        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken)
        {
            await Answer.Task.WaitAsync(cancellationToken);
            return [];
        }
    }
}
