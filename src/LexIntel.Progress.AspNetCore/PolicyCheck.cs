using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Asks an authorization policy of the host, with the document or batch as its resource.</summary>
internal sealed class PolicyCheck(string policyName) : IAccessCheck
{
    public string PolicyName { get; } = policyName;

    public async ValueTask<ProgressAccess> CheckAsync(ProgressAccessRequest request, CancellationToken cancellationToken)
    {
        var authorization = request.Services.GetRequiredService<IAuthorizationService>();
        var result = await authorization.AuthorizeAsync(request.User, request.Resource, PolicyName).ConfigureAwait(false);
        return result.Succeeded ? ProgressAccess.Allowed : Refused(request);
    }

    /// <summary>Who is not signed in is asked to; who is would only be asked again and again.</summary>
    public static ProgressAccess Refused(ProgressAccessRequest request) =>
        request.User.Identity?.IsAuthenticated == true ? ProgressAccess.Forbidden : ProgressAccess.Unauthenticated;
}
