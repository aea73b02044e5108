using LexIntel.Progress;
using LexIntel.Progress.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the subscriber that reads over HTTP.</summary>
public static class ProgressClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="IProgressSubscriber"/> that reads from the endpoints of another host (<c>MapProgressStream()</c>), by
    /// Server-Sent Events, and by plain GET while these cannot be had. It takes the place of a subscriber registered by <c>AddLexIntelProgress()</c>.
    /// </summary>
    /// <param name="services">The services of this host.</param>
    /// <param name="baseAddress">Where the other host answers, such as <c>https://api.example.com</c>.</param>
    /// <param name="configure">Changes settings in code, after configuration section <c>LexIntel:Progress:Client</c>.</param>
    /// <returns>The HTTP client, to add what sends tokens, or handlers of other kinds.</returns>
    /// <exception cref="ArgumentException">The address is not absolute, or has a query or fragment.</exception>
    public static IHttpClientBuilder AddLexIntelProgressClient(
        this IServiceCollection services, Uri baseAddress, Action<ProgressClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(baseAddress);
        if (ProgressClientOptionsValidator.AddressProblem(baseAddress) is { } problem)
            throw new ArgumentException($"The address {problem}", nameof(baseAddress));

        services.AddOptions<ProgressClientOptions>()
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.BaseAddress = baseAddress;
                provider.GetService<IConfiguration>()?.GetSection(ProgressClientOptions.SectionName).Bind(options);
                configure?.Invoke(options);
            })
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProgressClientOptions>, ProgressClientOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.Replace(ServiceDescriptor.Singleton<IProgressSubscriber, HttpSubscriber>());
        return services.AddHttpClient(HttpSubscriber.ClientName);
    }
}
