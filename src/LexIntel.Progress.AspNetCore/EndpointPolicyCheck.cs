using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Asks again what <c>UseAuthorization()</c> asked when the request came: <c>.RequireAuthorization()</c> and the host's fallback policy.
/// Without it their answer would hold for as long as the stream is open.
/// </summary>
internal sealed class EndpointPolicyCheck : IAccessCheck
{
    private EndpointPolicyCheck()
    {
    }

    public static EndpointPolicyCheck Instance { get; } = new();

    public static bool AppliesTo(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null && context.RequestServices.GetService<IAuthorizationPolicyProvider>() is not null;

    public async ValueTask<ProgressAccess> CheckAsync(ProgressAccessRequest request, CancellationToken cancellationToken)
    {
        var metadata = request.HttpContext.GetEndpoint()!.Metadata;
        var policies = request.Services.GetRequiredService<IAuthorizationPolicyProvider>();
        var policy = await AuthorizationPolicy.CombineAsync(policies, metadata.GetOrderedMetadata<IAuthorizeData>(), metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
        var requirements = metadata.GetOrderedMetadata<IAuthorizationRequirementData>();
        if (requirements.Count > 0)
        {
            var more = new AuthorizationPolicyBuilder().AddRequirements([.. requirements.SelectMany(data => data.GetRequirements())]);
            policy = policy is null ? more.Build() : more.Combine(policy).Build();
        }

        if (policy is null)
            return ProgressAccess.Allowed;
        var authorization = request.Services.GetRequiredService<IAuthorizationService>();
        // The middleware's resource is the request.
        var result = await authorization.AuthorizeAsync(request.User, request.HttpContext, policy).ConfigureAwait(false);
        return result.Succeeded ? ProgressAccess.Allowed : PolicyCheck.Refused(request);
    }
}
