namespace LexIntel.Progress.AspNetCore;

/// <summary>Asks the host's own code.</summary>
internal sealed class DelegateCheck(Func<ProgressAccessRequest, CancellationToken, ValueTask<ProgressAccess>> check) : IAccessCheck
{
    public ValueTask<ProgressAccess> CheckAsync(ProgressAccessRequest request, CancellationToken cancellationToken) => check(request, cancellationToken);
}
