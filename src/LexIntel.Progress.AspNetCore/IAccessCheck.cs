namespace LexIntel.Progress.AspNetCore;

/// <summary>Decides who may see what. Checks are metadata of the endpoints; a client has to pass all of them.</summary>
internal interface IAccessCheck
{
    ValueTask<ProgressAccess> CheckAsync(ProgressAccessRequest request, CancellationToken cancellationToken);
}
