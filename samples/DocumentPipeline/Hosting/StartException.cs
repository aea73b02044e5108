namespace DocumentPipeline.Hosting;

/// <summary>The program cannot start as it was told to; the message says what to change.</summary>
internal sealed class StartException(string message) : Exception(message);
