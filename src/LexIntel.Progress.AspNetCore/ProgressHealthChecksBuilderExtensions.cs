using LexIntel.Progress.AspNetCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health checks of LexIntel.Progress.</summary>
public static class ProgressHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds <c>lexintel-progress-live</c> with tag <c>live</c>, which fails only when the process itself does not work any more, and
    /// <c>lexintel-progress-ready</c> with tag <c>ready</c>, which fails while what is published does not reach this process, and while the host stops.
    /// Map them apart, by their tags.
    /// </summary>
    /// <param name="builder">The health checks of the host.</param>
    /// <param name="whenAway">
    /// What <c>ready</c> is while the backplane is away. Default: <see cref="HealthStatus.Degraded"/>, which is answered with 200, because streams
    /// go on without it and all hosts are away from it at once. <see cref="HealthStatus.Unhealthy"/> where another region takes over.
    /// </param>
    public static IHealthChecksBuilder AddLexIntelProgress(this IHealthChecksBuilder builder, HealthStatus whenAway = HealthStatus.Degraded)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .Add(new("lexintel-progress-live", ActivatorUtilities.GetServiceOrCreateInstance<LiveHealthCheck>, HealthStatus.Unhealthy, ["live"]))
            .Add(new("lexintel-progress-ready", ActivatorUtilities.GetServiceOrCreateInstance<ReadyHealthCheck>, whenAway, ["ready"]));
    }
}
