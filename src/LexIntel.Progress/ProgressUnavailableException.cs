namespace LexIntel.Progress;

/// <summary>The state of a document cannot be read now: the backplane is away, and no snapshot source answered in its place. Try again later.</summary>
public sealed class ProgressUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ProgressUnavailableException()
        : this("Progress cannot be read now: the backplane does not answer.")
    {
    }

    /// <summary>Makes the exception.</summary>
    public ProgressUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public ProgressUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
