using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Tries the backplane once when the host starts: one that can never work stops the start and says what is missing, one that is away does
/// not, because it comes back by itself.
/// </summary>
internal sealed class BackplaneStart(IBackplane backplane, StartChecks start, IOptions<ProgressOptions> options, TimeProvider time, ILogger<BackplaneStart> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!backplane.IsRemote)
            return;
        try
        {
            using var limit = new CancellationTokenSource(options.Value.BackplaneTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await backplane.ProbeAsync(start.HasReaders, both.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the client library throws when the server is away. What is invalid stays so, and stops the start.
        catch (Exception exception) when (exception is not InvalidOperationException)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested();
            Log.BackplaneAwayAtStart(logger, exception.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
