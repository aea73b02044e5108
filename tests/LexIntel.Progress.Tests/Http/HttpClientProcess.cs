using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Tests.Http;

/// <summary>A process that reads from a host over HTTP, as users set it up.</summary>
internal sealed class HttpClientProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public HttpClientProcess(Uri address, Action<ProgressClientOptions>? configure = null, Action<IHttpClientBuilder>? more = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(Log).AddLogging();
        if (time is not null)
            services.AddSingleton(time);
        var client = services.AddLexIntelProgressClient(address, options =>
        {
            // Quick, because tests wait for it.
            (options.RetryMin, options.RetryMax, options.PollInterval) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
            configure?.Invoke(options);
        });
        more?.Invoke(client);
        _services = services.BuildServiceProvider();
        Subscriber = _services.GetRequiredService<IProgressSubscriber>();
    }

    public CollectingLogger Log { get; } = new();

    public IProgressSubscriber Subscriber { get; }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
