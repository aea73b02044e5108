using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>A real Kestrel on a free loopback port, in this process.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public IProgressPublisher Publisher => _app.Services.GetRequiredService<IProgressPublisher>();

    /// <summary>The requests so far, as <c>path Last-Event-ID status</c>.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<TestHost> StartAsync(
        Action<ProgressBuilder>? register = null, Action<ProgressStreamOptions>? configure = null, Action<WebApplication>? map = null,
        Action<IEndpointConventionBuilder>? protect = null, Action<WebApplication>? use = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var progress = builder.Services.AddLexIntelProgress(options => options.PublishInterval = TimeSpan.Zero);
        register?.Invoke(progress);
        var app = builder.Build();
        TestHost? host = null;
        app.Use(async (context, next) =>
        {
            await next();
            lock (host!.Requests)
                host.Requests.Add($"{context.Request.Path} {context.Request.Headers["Last-Event-ID"]} {context.Response.StatusCode}");
        });
        use?.Invoke(app);
        (protect ?? (static endpoints => endpoints.AllowAnonymous()))(app.MapProgressStream(configure: configure));
        map?.Invoke(app);
        await app.StartAsync();
        return host = new TestHost(app);
    }

    /// <summary>Publishes and waits until it is stored.</summary>
    public async Task PublishAsync(ProgressUpdate update)
    {
        await Publisher.PublishAsync(update);
        Assert.True(await Publisher.FlushAsync(TimeSpan.FromSeconds(10)));
    }

    public Task<SseConnection> StreamAsync(string documentId, string? lastEventId = null) =>
        SseConnection.OpenAsync(Address, $"/progress/documents/{Uri.EscapeDataString(documentId)}/stream", lastEventId);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
