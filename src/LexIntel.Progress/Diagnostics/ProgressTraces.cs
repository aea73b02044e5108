using System.Diagnostics;

namespace LexIntel.Progress.Diagnostics;

/// <summary>
/// The spans. Who publishes and who reads are strangers, so that neither is the other's parent: spans are linked, by the context of the
/// worker (W3C Trace Context), which travels with the stored state.
/// </summary>
internal static class ProgressTraces
{
    private static readonly ActivitySource Source = new(ProgressDiagnostics.ActivitySourceName);

    /// <summary>Whether somebody listens; without, nothing has to be collected.</summary>
    public static bool IsListenedTo => Source.HasListeners();

    /// <summary>The context of what runs here now; <see langword="null"/> when nothing is traced.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>Begins the span of one call that stores and publishes updates.</summary>
    public static Activity? StartPublish(int updates, IEnumerable<string?> workers)
    {
        var links = new List<ActivityLink>();
        foreach (var worker in workers.Distinct(StringComparer.Ordinal))
        {
            if (TryParse(worker, out var context))
                links.Add(new(context));
        }

        var activity = Source.StartActivity("progress publish", ActivityKind.Producer, parentContext: default, links: links);
        activity?.SetTag("lexintel.progress.updates", updates);
        return activity;
    }

    /// <summary>Begins the span of a stream.</summary>
    public static Activity? StartDeliver(string transport)
    {
        var activity = Source.StartActivity("progress deliver", ActivityKind.Consumer);
        activity?.SetTag("lexintel.progress.transport", transport);
        return activity;
    }

    /// <summary>Notes whose state a stream delivered.</summary>
    public static void Link(Activity activity, string? worker)
    {
        if (TryParse(worker, out var context))
            activity.AddLink(new(context));
    }

    private static bool TryParse(string? worker, out ActivityContext context) =>
        ActivityContext.TryParse(worker, traceState: null, isRemote: true, out context);
}
