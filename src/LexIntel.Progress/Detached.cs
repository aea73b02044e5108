namespace LexIntel.Progress;

/// <summary>
/// Runs what serves everybody outside of the context of whoever happened to come first: else its calls would count as part of that one's
/// trace, and its request would be kept alive for as long as they go on.
/// </summary>
internal static class Detached
{
    public static Task Run(Func<Task> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return Task.Run(work);
        using (ExecutionContext.SuppressFlow())
            return Task.Run(work);
    }
}
