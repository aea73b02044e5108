using System.Net;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Tests.Http;

/// <summary>A real Kestrel before the hub of a process. It can be killed, and started again at the same address.</summary>
internal sealed class ProgressServer(ProgressApp app, TimeSpan? heartbeat = null) : IAsyncDisposable
{
    private readonly int _port = LoopbackPort.Free();
    private readonly List<string> _requests = [];
    private WebApplication? _web;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Stands before the endpoints; <see langword="null"/> lets everything through.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Fault { get; set; }

    /// <summary>The requests so far, as <c>kind Last-Event-ID</c>, where the kind is <c>stream</c> or <c>status</c>.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public int Count(string kind) => Requests.Count(request => request.StartsWith(kind, StringComparison.Ordinal));

    public static ProgressServer Launch(ProgressApp app, TimeSpan? heartbeat = null)
    {
        var server = new ProgressServer(app, heartbeat);
        server.Start();
        return server;
    }

    public void Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        builder.Services.AddLexIntelProgress();
        // An instance stays its owner's to dispose.
        builder.Services.Replace(ServiceDescriptor.Singleton(app.Hub));
        // Killed means killed: nothing is waited for.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(1));
        _web = builder.Build();
        _web.Use(async (context, next) =>
        {
            lock (_requests)
                _requests.Add($"{context.Request.Path.Value!.Split('/')[^1]} {context.Request.Headers["Last-Event-ID"]}".TrimEnd());
            await (Fault?.Invoke(context, next) ?? next(context));
        });
        _web.MapProgressStream(configure: options =>
        {
            options.HeartbeatInterval = heartbeat ?? options.HeartbeatInterval;
            (options.RetryMin, options.RetryMax, options.DrainRetryMax) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        }).AllowAnonymous();
        _web.Start();
    }

    /// <summary>Ends the host: streams hear a farewell.</summary>
    public async Task StopAsync()
    {
        if (_web is not { } web)
            return;
        _web = null;
        await web.StopAsync();
        await web.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
