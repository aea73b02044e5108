using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Asks the endpoint's access checks. Closed by default: whatever goes wrong in a check is a refusal.</summary>
/// <param name="scopes">Each check has a scope of its own: a request that streams would keep its database context for hours.</param>
/// <param name="options">Whether what is forbidden exists.</param>
/// <param name="limit">How long a check may take.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failures go.</param>
/// <param name="stopping">Fires when the host stops, which waits for no check.</param>
internal sealed class AccessGate(IServiceScopeFactory scopes, ProgressStreamOptions options, TimeSpan limit, TimeProvider time, ILogger<AccessGate> logger, CancellationToken stopping)
{
    /// <summary>Whether there is anything to ask again while a stream is open.</summary>
    public static bool IsGuarded(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAccessCheck>() is not null || EndpointPolicyCheck.AppliesTo(context);

    /// <summary>The status of an answer.</summary>
    public static int Status(ProgressAccess access) => access switch
    {
        ProgressAccess.Allowed => StatusCodes.Status200OK,
        ProgressAccess.Unauthenticated => StatusCodes.Status401Unauthorized,
        ProgressAccess.NotFound => StatusCodes.Status404NotFound,
        ProgressAccess.Undecided => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };

    /// <summary>Asks when a request comes; what <c>UseAuthorization()</c> decides was decided before.</summary>
    public ValueTask<ProgressAccess> CheckAsync(HttpContext context, ProgressResource resource) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAccessCheck>() is { Count: > 0 } checks
            ? AskAsync(context, checks, resource)
            : new(ProgressAccess.Allowed);

    /// <summary>Asks again while a stream is open, also what <c>UseAuthorization()</c> was asked when it began.</summary>
    public async ValueTask<ProgressAccess> RecheckAsync(HttpContext context, ProgressResource resource)
    {
        var access = EndpointPolicyCheck.AppliesTo(context) ? await AskAsync(context, [EndpointPolicyCheck.Instance], resource).ConfigureAwait(false) : ProgressAccess.Allowed;
        return access == ProgressAccess.Allowed ? await CheckAsync(context, resource).ConfigureAwait(false) : access;
    }

    private async ValueTask<ProgressAccess> AskAsync(HttpContext context, IReadOnlyList<IAccessCheck> checks, ProgressResource resource)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted, stopping);
        try
        {
            // A check that ignores its token is left to itself; its scope is disposed when it is done.
            var access = await AskInScopeAsync(context, checks, resource, cancellation.Token).WaitAsync(cancellation.Token).ConfigureAwait(false);
            if (access == ProgressAccess.Allowed)
                return access;
            Log.AccessRefused(logger, resource, access);
            return access == ProgressAccess.Forbidden && options.ForbiddenAsNotFound ? ProgressAccess.NotFound : access;
        }
#pragma warning disable CA1031 // Whatever a check throws, the client must not get in by it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!context.RequestAborted.IsCancellationRequested && !stopping.IsCancellationRequested)
                Log.AccessCheckFailed(logger, resource, exception);
            return ProgressAccess.Undecided;
        }
    }

    private async Task<ProgressAccess> AskInScopeAsync(HttpContext context, IReadOnlyList<IAccessCheck> checks, ProgressResource resource, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var request = new ProgressAccessRequest(context, resource, scope.ServiceProvider);
            foreach (var check in checks)
            {
                var access = await check.CheckAsync(request, cancellationToken).ConfigureAwait(false);
                if (access != ProgressAccess.Allowed)
                    return access;
            }

            return ProgressAccess.Allowed;
        }
    }
}
