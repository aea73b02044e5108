namespace LexIntel.Progress.AspNetCore;

/// <summary>What a client asks to see: a <see cref="ProgressDocumentResource"/> or a <see cref="ProgressBatchResource"/>.</summary>
public abstract record ProgressResource
{
    private protected ProgressResource()
    {
    }

    /// <summary>The id of the document or batch, decoded; the very string that Redis keys and channels are made of.</summary>
    public abstract string Id { get; }

    internal Subject Subject => new(Id, IsBatch: this is ProgressBatchResource);

    internal static ProgressResource Of(Subject subject) => subject.IsBatch ? new ProgressBatchResource(subject.Id) : new ProgressDocumentResource(subject.Id);
}
