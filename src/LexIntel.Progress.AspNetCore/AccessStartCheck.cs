using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// Closed by default: outside Development a host does not start while anybody can read the progress of every document because nobody
/// thought of it.
/// </summary>
internal sealed class AccessStartCheck(IServiceProvider services, string prefix)
{
    /// <summary>Adds the check of what is being mapped by <paramref name="group"/> to the host's start.</summary>
    /// <param name="endpoints">What the group is in.</param>
    /// <param name="group">The endpoints; they get this object as metadata, by which it finds them.</param>
    /// <param name="sources">Where the group's endpoints stand, as seen from <paramref name="endpoints"/>.</param>
    public void Add(IEndpointRouteBuilder endpoints, RouteGroupBuilder group, IReadOnlyCollection<EndpointDataSource> sources)
    {
        ((IEndpointConventionBuilder)group).Add(endpoint => endpoint.Metadata.Add(this));
        var checks = services.GetRequiredService<StartChecks>();
        // What groups around this one add is seen only from the outside, which is built last.
        if (endpoints is RouteGroupBuilder)
            checks.AddLate(() => RunAsync([services.GetRequiredService<EndpointDataSource>()]));
        else
            checks.Add(() => RunAsync(sources));
    }

    private async Task RunAsync(IReadOnlyCollection<EndpointDataSource> sources)
    {
        var policies = services.GetService<IAuthorizationPolicyProvider>();
        var isForgiving = services.GetRequiredService<IHostEnvironment>().IsDevelopment()
            || (policies is not null && await policies.GetFallbackPolicyAsync().ConfigureAwait(false) is not null);
        foreach (var endpoint in sources.SelectMany(source => source.Endpoints).Where(endpoint => endpoint.Metadata.Contains(this)))
        {
            foreach (var check in endpoint.Metadata.OfType<PolicyCheck>())
                await CheckPolicyAsync(policies, check.PolicyName).ConfigureAwait(false);
            if (!isForgiving && !IsDecided(endpoint.Metadata))
                throw new InvalidOperationException(
                    $"""
                    MapProgressStream("{prefix}") would show the progress of every document to anybody: its endpoint '{endpoint.DisplayName}' has no authorization and no access check.
                    Say who may see what, by one of these:
                      app.MapProgressStream("{prefix}").RequireAuthorization();                 // whoever is signed in
                      app.MapProgressStream("{prefix}").RequireProgressAccess("policy");        // a policy of yours decides for each document
                      app.MapProgressStream("{prefix}").RequireProgressAccess((request, ct) => …); // code of yours does
                      app.MapProgressStream("{prefix}").AllowAnonymous();                       // anybody, on purpose
                    In the environment 'Development' the host starts without.
                    """);
        }
    }

    private static bool IsDecided(EndpointMetadataCollection metadata) =>
        metadata.Any(item => item is IAccessCheck or IAuthorizeData or IAuthorizationRequirementData or AuthorizationPolicy or IAllowAnonymous);

    private static async Task CheckPolicyAsync(IAuthorizationPolicyProvider? policies, string name)
    {
        if (policies is null)
            throw new InvalidOperationException(
                $"RequireProgressAccess(\"{name}\") needs the services of authorization. Add this before builder.Build(): builder.Services.AddAuthorization(options => options.AddPolicy(\"{name}\", …));");
        if (await policies.GetPolicyAsync(name).ConfigureAwait(false) is null)
            throw new InvalidOperationException(
                $"RequireProgressAccess(\"{name}\") names an authorization policy that does not exist. Add it before builder.Build(): builder.Services.AddAuthorization(options => options.AddPolicy(\"{name}\", …));");
    }
}
