namespace DocumentPipeline.Storage;

/// <summary>The two jobs of a document, in their order.</summary>
internal enum JobKind
{
    /// <summary>Reads the text and cuts it into passages.</summary>
    Extraction,

    /// <summary>Makes vectors of the passages.</summary>
    Embedding,
}
