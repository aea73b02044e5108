namespace DocumentPipeline;

/// <summary>Which half of the pipeline this process is.</summary>
internal enum Role
{
    /// <summary>The page and the workers in one process.</summary>
    Both,

    /// <summary>The page, uploads and streams.</summary>
    Api,

    /// <summary>The work.</summary>
    Worker,
}
