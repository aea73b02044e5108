namespace DocumentPipeline.Terminal;

/// <summary>Shows how files are processed.</summary>
internal interface IDisplay
{
    /// <summary>Processes the files and shows it. <see langword="true"/> when all were completed.</summary>
    Task<bool> RunAsync(TerminalQueue queue, IReadOnlyList<string> paths, CancellationToken stopping);
}
