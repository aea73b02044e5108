using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Microsoft.AspNetCore.Builder;

/// <summary>For pages of other origins.</summary>
public static class ProgressCorsPolicyBuilderExtensions
{
    /// <summary>
    /// Allows the methods and request headers that clients of LexIntel.Progress send, and exposes the response headers they read. Who may is said
    /// by the policy's origins and, for cookies, <c>AllowCredentials()</c>.
    /// </summary>
    /// <param name="policy">The policy that the endpoints require: <c>app.MapProgressStream().RequireCors("pages")</c>.</param>
    /// <returns><paramref name="policy"/>.</returns>
    public static CorsPolicyBuilder WithProgressHeaders(this CorsPolicyBuilder policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy
            .WithMethods("GET", "POST")
            .WithHeaders("Authorization", "Cache-Control", "Content-Type", "If-None-Match", "Last-Event-ID")
            .WithExposedHeaders("ETag", "Retry-After", "X-Progress-Source");
    }
}
