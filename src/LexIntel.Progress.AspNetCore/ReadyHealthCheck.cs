using LexIntel.Progress.Hub;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Whether this process should get readers: it is not stopping, and what is published reaches it.</summary>
internal sealed class ReadyHealthCheck(ProgressHub hub, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Readers that come now would be sent away at once.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.FromResult(HealthCheckResult.Unhealthy("The host is stopping."));
        // From now on the way of messages is measured, also while nobody watches a document.
        hub.Open();
        return Task.FromResult(hub.Degradation is { } degradation
            ? new(context.Registration.FailureStatus, $"Degraded since {degradation.Since:O}: {degradation.Detail} Streams stay open and serve the snapshot source.")
            : HealthCheckResult.Healthy());
    }
}
