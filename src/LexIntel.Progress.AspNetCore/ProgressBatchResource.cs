namespace LexIntel.Progress.AspNetCore;

/// <summary>The progress of a batch, as the resource of an authorization policy: handle it with <c>AuthorizationHandler&lt;TRequirement, ProgressBatchResource&gt;</c>.</summary>
/// <param name="BatchId">The batch's id, decoded.</param>
public sealed record ProgressBatchResource(string BatchId) : ProgressResource
{
    /// <inheritdoc/>
    public override string Id => BatchId;
}
