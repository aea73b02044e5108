using LexIntel.Progress.Hub;
using LexIntel.Progress.Publishing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Whether this process itself works. It knows nothing of Redis: whoever restarts processes by it must not restart all of them when Redis is away.
/// </summary>
internal sealed class LiveHealthCheck(ProgressHub hub, ProgressPublisher publisher) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        hub.IsStuck ? new(context.Registration.FailureStatus, "The hub makes no rounds any more: readers of this process get nothing new.")
        : publisher.IsStuck ? new(context.Registration.FailureStatus, "The outbox is not emptied any more: nothing that this process reports is stored.")
        : HealthCheckResult.Healthy());
}
