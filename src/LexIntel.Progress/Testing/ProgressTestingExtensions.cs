using LexIntel.Progress.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexIntel.Progress.Testing;

/// <summary>Registers progress for tests.</summary>
public static class ProgressTestingExtensions
{
    /// <summary>
    /// Replaces Redis, and the clock if <paramref name="progress"/> has one of its own: what the host publishes is remembered there and read there, and what is published there
    /// is streamed by the host. Call it after the host's own registration, for instance in <c>ConfigureTestServices</c>.
    /// </summary>
    /// <param name="builder">The registration.</param>
    /// <param name="progress">It stays the test's to dispose, and may serve several hosts.</param>
    public static ProgressBuilder UseTestProgress(this ProgressBuilder builder, TestProgress progress)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(progress);
        builder.Services.Replace(ServiceDescriptor.Singleton(progress.Backplane));
        builder.Services.Replace(ServiceDescriptor.Singleton<ReportTap>(progress.Remember));
        if (progress.Time is { } time)
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        return builder;
    }
}
