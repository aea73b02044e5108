using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>The question an access check answers: may this client see this document, or this batch?</summary>
/// <param name="httpContext">The client's request.</param>
/// <param name="resource">What it asks to see.</param>
/// <param name="services">The services of a scope of this check.</param>
public sealed class ProgressAccessRequest(HttpContext httpContext, ProgressResource resource, IServiceProvider services)
{
    /// <summary>Who asks.</summary>
    public ClaimsPrincipal User => HttpContext.User;

    /// <summary>What is asked for.</summary>
    public ProgressResource Resource { get; } = resource;

    /// <summary>
    /// The services of a scope that is made for this check and disposed after it. Take a database context from here, not from the request:
    /// a request that streams lives for hours.
    /// </summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>The request, with its route values and headers. Checks that are repeated while a stream is open see the request that opened it.</summary>
    public HttpContext HttpContext { get; } = httpContext;
}
