namespace LexIntel.Progress.AspNetCore;

/// <summary>The progress of one document, as the resource of an authorization policy: handle it with <c>AuthorizationHandler&lt;TRequirement, ProgressDocumentResource&gt;</c>.</summary>
/// <param name="DocumentId">The document's id, decoded.</param>
public sealed record ProgressDocumentResource(string DocumentId) : ProgressResource
{
    /// <inheritdoc/>
    public override string Id => DocumentId;
}
