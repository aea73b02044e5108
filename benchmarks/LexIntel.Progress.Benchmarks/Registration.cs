using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

internal static class Registration
{
    /// <summary>The product with its defaults on a server of the benchmark's own.</summary>
    public static IServiceCollection AddProgress(this IServiceCollection services, RedisServer redis)
    {
        services.AddLexIntelProgress(options => options.ShutdownFlush = TimeSpan.Zero).UseRedis(redis.Configuration);
        return services;
    }
}
