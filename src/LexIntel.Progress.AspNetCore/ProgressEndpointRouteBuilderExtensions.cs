using System.Diagnostics.CodeAnalysis;
using LexIntel.Progress;
using LexIntel.Progress.AspNetCore;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints of LexIntel.Progress.</summary>
public static class ProgressEndpointRouteBuilderExtensions
{
    private const string DefaultPrefix = "/progress";

    /// <summary>
    /// Maps <c>{prefix}/documents/{documentId}/stream</c>, Server-Sent Events, <c>{prefix}/stream</c>, the same of many documents,
    /// <c>{prefix}/batches/{batchId}/stream</c>, the same of a batch, <c>{prefix}/socket</c>, all of them over one WebSocket, and <c>/status</c> instead of
    /// <c>/stream</c> for the state of a document or batch by plain GET. Who may see what is decided by what is added to the result, such as
    /// <c>.RequireAuthorization()</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">Where the endpoints stand. Default: <c>/progress</c>.</param>
    /// <param name="configure">Changes settings in code, after configuration section <c>LexIntel:Progress</c>.</param>
    /// <returns>A builder that applies to all endpoints.</returns>
    /// <exception cref="InvalidOperationException"><c>AddLexIntelProgress()</c> is missing.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is outside its range.</exception>
    public static IEndpointConventionBuilder MapProgressStream(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = DefaultPrefix, Action<ProgressStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        var services = endpoints.ServiceProvider;
        var hub = services.GetService<ProgressHub>() ?? throw new InvalidOperationException(
            "MapProgressStream() needs the services of LexIntel.Progress. Add this line before builder.Build(): builder.Services.AddLexIntelProgress();");

        var options = new ProgressStreamOptions();
        services.GetService<IConfiguration>()?.GetSection(ProgressOptions.SectionName).Bind(options);
        configure?.Invoke(options);
        options.Validate();

        var time = services.GetRequiredService<TimeProvider>();
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var checkLimit = services.GetRequiredService<IOptions<ProgressOptions>>().Value.BackplaneTimeout;
        // Not before: whatever else maps endpoints, such as a tool that describes them, must not open connections.
        lifetime.ApplicationStarted.Register(hub.Open);
        var gate = new AccessGate(
            services.GetRequiredService<IServiceScopeFactory>(), options, checkLimit, time, services.GetRequiredService<ILogger<AccessGate>>(), lifetime.ApplicationStopping);
        var limits = new StreamLimits(hub, options, services.GetRequiredService<ProgressMetrics>(), services.GetRequiredService<ILogger<StreamLimits>>());
        lifetime.ApplicationStopped.Register(limits.Dispose);
        var streams = new OpenStreams(hub, gate, limits, options, time, lifetime);
        var stream = new StreamEndpoint(streams);
        var status = new StatusEndpoint(streams);

        // A generator needs to know how what is described here becomes JSON; one that is used already has what it needs.
        var json = services.GetService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>()?.Value.SerializerOptions;
        if (json is { IsReadOnly: false } && !json.TypeInfoResolverChain.Contains(DescribedJson.Default))
            json.TypeInfoResolverChain.Add(DescribedJson.Default);

        var others = endpoints.DataSources.ToHashSet();
        var group = endpoints.MapGroup(prefix);
        // Who is not signed in gets 401, never a page to sign in: neither EventSource nor fetch can show one.
        group.DisableCookieRedirect();
        new AccessStartCheck(services, prefix).Add(endpoints, group, [.. endpoints.DataSources.Where(source => !others.Contains(source))]);
        // Names have to be unique in a host, and only here it is known that they are.
        var suffix = endpoints is RouteGroupBuilder ? null : prefix == DefaultPrefix ? "" : $" {prefix}";
        EndpointDescriptions.DocumentStream(group.MapGet("/documents/{documentId}/stream", (RequestDelegate)stream.HandleRouteAsync), suffix);
        EndpointDescriptions.DocumentStatus(group.MapGet("/documents/{documentId}/status", (RequestDelegate)status.HandleAsync), suffix);
        EndpointDescriptions.BatchStream(group.MapGet("/batches/{batchId}/stream", (RequestDelegate)stream.HandleRouteAsync), suffix);
        EndpointDescriptions.BatchStatus(group.MapGet("/batches/{batchId}/status", (RequestDelegate)status.HandleAsync), suffix);
        EndpointDescriptions.ManyDocumentsStream(group.MapGet("/stream", (RequestDelegate)stream.HandleQueryAsync), suffix);
        EndpointDescriptions.ManyDocumentsPost(group.MapPost("/stream", (RequestDelegate)stream.HandleBodyAsync), suffix);
        var socket = MapSocket(endpoints, streams);
        EndpointDescriptions.Socket(group.MapGet("/socket", socket), suffix);
        // How HTTP/2 opens a WebSocket (RFC 8441); descriptions have no word for it.
        group.MapMethods("/socket", ["CONNECT"], socket).WithDisplayName("Progress WebSocket over HTTP/2");
        return group;
    }

    /// <summary>The framework's WebSocket middleware for this endpoint alone, so that the host need not add it.</summary>
    private static RequestDelegate MapSocket(IEndpointRouteBuilder endpoints, OpenStreams streams)
    {
        var app = endpoints.CreateApplicationBuilder();
        app.UseWebSockets(new() { KeepAliveInterval = streams.Options.HeartbeatInterval, KeepAliveTimeout = SocketEndpoint.PongLimit });
        app.Run(new SocketEndpoint(streams).HandleAsync);
        return app.Build();
    }
}
