namespace LexIntel.Progress.Tracking;

/// <summary>How a job ends that did not end itself, and what users read then.</summary>
internal static class JobEnding
{
    /// <summary>Said of every exception that nobody described: its own text may hold paths, names and data of others.</summary>
    public const string General = "The document could not be processed.";

    public const string Interrupted = "The work was interrupted and will start again.";

    public const string Abandoned = "The job was disposed before it was completed.";

    public static (ProgressStatus Status, string Error) After(Exception exception, TrackOptions options, bool isHostStopping)
    {
        if (isHostStopping && exception is OperationCanceledException)
            return (ProgressStatus.Retrying, Interrupted);
        var status = Ask(options.WillRetry, exception) ? ProgressStatus.Retrying : ProgressStatus.Failed;
        return (status, Ask(options.DescribeError, exception) ?? General);
    }

    /// <summary>Asks the user's code; an error in it must not hide the error that is being handled.</summary>
    private static T? Ask<T>(Func<Exception, T>? question, Exception exception)
    {
        try
        {
            return question is null ? default : question(exception);
        }
#pragma warning disable CA1031 // Any error of the user's delegate counts as no answer.
        catch (Exception)
#pragma warning restore CA1031
        {
            return default;
        }
    }
}
