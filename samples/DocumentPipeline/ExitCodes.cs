namespace DocumentPipeline;

internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>At least one document was not completed.</summary>
    public const int Failed = 1;

    /// <summary>Arguments or settings are wrong.</summary>
    public const int Misused = 2;

    /// <summary>Ended by Ctrl+C: 128 and the number of the signal, as shells have it.</summary>
    public const int Interrupted = 130;
}
