using LexIntel.Progress;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Hub;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers LexIntel.Progress.</summary>
public static class ProgressServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IProgressPublisher"/> and <see cref="IProgressSubscriber"/>, in process until told otherwise. Settings come from
    /// configuration section <c>LexIntel:Progress</c> and then from <paramref name="configure"/>. It may be called more than once.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes settings in code.</param>
    public static ProgressBuilder AddLexIntelProgress(this IServiceCollection services, Action<ProgressOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ProgressOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<ProgressOptions>, ConfigureFromSection>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProgressOptions>, ProgressOptionsValidator>());
        if (configure is not null)
            options.Configure(configure);
        options.ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(Logger<>)));
        services.TryAddSingleton<ProgressMetrics>();
        services.TryAddSingleton<IBackplane, InProcessBackplane>();
        services.TryAddSingleton(provider => new SourceReader(
            provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<IServiceProviderIsService>(),
            provider.GetRequiredService<IOptions<ProgressOptions>>().Value, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SourceReader>>()));
        services.TryAddSingleton<ProgressHub>();
        services.TryAddSingleton<ProgressPublisher>();
        services.TryAddSingleton<IProgressPublisher>(provider => provider.GetRequiredService<ProgressPublisher>());
        services.TryAddSingleton<IProgressSubscriber, HubSubscriber>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BackplaneStart>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OutboxDrain>());
        services.TryAddSingleton<StartChecks>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StartChecks>(provider => provider.GetRequiredService<StartChecks>()));
        return new(services);
    }

    /// <summary>Carries progress over Redis, on a connection of its own.</summary>
    /// <param name="builder">The registration.</param>
    /// <param name="configuration">A configuration string of StackExchange.Redis, such as <c>localhost:6379</c>. The host starts even when Redis is away.</param>
    /// <param name="configure">Changes what the string cannot say, such as <c>redis => redis.TrustIssuer("ca.pem")</c>. It has the last word.</param>
    /// <exception cref="ArgumentException">The string cannot be read, or names no server.</exception>
    public static ProgressBuilder UseRedis(this ProgressBuilder builder, string configuration, Action<ConfigurationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        var parsed = ConfigurationOptions.Parse(configuration);
        if (parsed.EndPoints.Count == 0)
            throw new ArgumentException("The Redis configuration names no server. Write it like 'localhost:6379'.", nameof(configuration));

        return builder.UseRedisConnection(isOwned: true, provider =>
        {
            var options = parsed.Clone();
            options.AbortOnConnectFail = false;
            // The outbox is the queue; a second one inside the client would only delay the news that Redis is away.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            (options.ReconnectRetryPolicy, options.HeartbeatInterval) = (new ReconnectPolicy(options), ReconnectPolicy.Heartbeat);
            options.AsyncTimeout = (int)provider.GetRequiredService<IOptions<ProgressOptions>>().Value.BackplaneTimeout.TotalMilliseconds;
            options.ClientName ??= "LexIntel.Progress";
            configure?.Invoke(options);
            return async () => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
        });
    }

    /// <summary>Carries progress over Redis, on the host's <see cref="IConnectionMultiplexer"/>, which stays the host's to dispose.</summary>
    /// <param name="builder">The registration.</param>
    /// <param name="connection">Where to get it; <see langword="null"/>: from the service container.</param>
    public static ProgressBuilder UseRedis(this ProgressBuilder builder, Func<IServiceProvider, IConnectionMultiplexer>? connection = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        connection ??= static provider => provider.GetService<IConnectionMultiplexer>() ?? throw new InvalidOperationException(
            "UseRedis() found no IConnectionMultiplexer in the service container. Register one, or pass a connection string: UseRedis(\"localhost:6379\").");
        return builder.UseRedisConnection(isOwned: false, provider => () => Task.FromResult(connection(provider)));
    }

    /// <summary>Names the host's own record of its documents, which answers when the backplane cannot. Resolved in a scope of its own for each call.</summary>
    /// <typeparam name="TSource">The source; a scoped service, so it may use a database context.</typeparam>
    /// <param name="builder">The registration.</param>
    public static ProgressBuilder UseSnapshotSource<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TSource>(this ProgressBuilder builder)
        where TSource : class, IProgressSnapshotSource
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Scoped<IProgressSnapshotSource, TSource>());
        return builder;
    }

    private static ProgressBuilder UseRedisConnection(this ProgressBuilder builder, bool isOwned, Func<IServiceProvider, Func<Task<IConnectionMultiplexer>>> open)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton(provider =>
            new RedisConnection(open(provider), isOwned, provider.GetRequiredService<ILogger<RedisConnection>>())));
        builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane, RedisBackplane>());
        return builder;
    }

    /// <summary>A host without configuration, such as a console program with a bare service collection, has the defaults.</summary>
    private sealed class ConfigureFromSection(IServiceProvider provider) : IConfigureOptions<ProgressOptions>
    {
        public void Configure(ProgressOptions options) =>
            provider.GetService<IConfiguration>()?.GetSection(ProgressOptions.SectionName).Bind(options);
    }
}
