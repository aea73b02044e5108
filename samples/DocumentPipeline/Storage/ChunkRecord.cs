namespace DocumentPipeline.Storage;

/// <summary>A passage of a document and its vector.</summary>
internal sealed class ChunkRecord
{
    public long Id { get; init; }

    public required string DocumentId { get; init; }

    public int Page { get; init; }

    public required string Text { get; init; }

    /// <summary>256 numbers of 4 bytes, little endian; <see langword="null"/> until the second job has come to it.</summary>
    public byte[]? Embedding { get; set; }
}
