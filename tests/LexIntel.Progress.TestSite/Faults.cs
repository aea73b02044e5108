namespace LexIntel.Progress.TestSite;

/// <summary>What happens to streams, while everything else works: nothing, <c>refuse</c> them, or <c>hold</c> back what they say.</summary>
internal sealed class Faults
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Kind
    {
        get;
        set
        {
            field = value;
            // Streams that are open fare no better.
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    } = "none";

    public async Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var changed = _changed.Task;
        if (!context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal))
        {
            await next(context);
        }
        else if (Kind == "refuse")
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
        else
        {
            var stream = Kind == "hold" ? HoldAsync(context) : next(context);
            if (await Task.WhenAny(stream, changed) == changed)
                context.Abort();
            await stream;
        }
    }

    private static async Task HoldAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }
}
