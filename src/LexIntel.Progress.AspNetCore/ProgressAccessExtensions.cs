using LexIntel.Progress;
using LexIntel.Progress.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says who may see the progress of what.</summary>
public static class ProgressAccessExtensions
{
    /// <summary>
    /// Lets a client see a document only when an authorization policy of the host allows it. The resource that the policy's handlers get is a
    /// <see cref="ProgressDocumentResource"/> or a <see cref="ProgressBatchResource"/>. A client that is not signed in gets 401, another 403.
    /// </summary>
    /// <remarks>
    /// It is asked when a client comes, and again every <see cref="ProgressStreamOptions.AccessRecheckInterval"/> while its stream is open, each time in a
    /// service scope of its own. Several checks on one endpoint have to allow all.
    /// </remarks>
    /// <param name="builder">What <c>MapProgressStream()</c> returned, or a group around it.</param>
    /// <param name="policyName">The policy; registered with <c>AddAuthorization()</c>. A name that does not exist fails the host's start.</param>
    public static TBuilder RequireProgressAccess<TBuilder>(this TBuilder builder, string policyName)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(policyName);
        return builder.WithMetadata(new PolicyCheck(policyName));
    }

    /// <summary>Lets a client see a document only when the host's own code allows it; for hosts without authorization services, and for answers of their own.</summary>
    /// <inheritdoc cref="RequireProgressAccess{TBuilder}(TBuilder, string)" path="/remarks"/>
    /// <param name="builder">What <c>MapProgressStream()</c> returned, or a group around it.</param>
    /// <param name="check">
    /// Answers for one document or batch. Called from many threads at once. One that throws, or does not answer within
    /// <see cref="ProgressOptions.BackplaneTimeout"/>, counts as <see cref="ProgressAccess.Undecided"/>.
    /// </param>
    public static TBuilder RequireProgressAccess<TBuilder>(this TBuilder builder, Func<ProgressAccessRequest, CancellationToken, ValueTask<ProgressAccess>> check)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(check);
        return builder.WithMetadata(new DelegateCheck(check));
    }
}
