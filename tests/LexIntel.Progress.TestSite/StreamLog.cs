using System.Collections.Concurrent;

namespace LexIntel.Progress.TestSite;

/// <summary>Every stream as the server saw it: what it was for, and how it ended.</summary>
internal sealed class StreamLog
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly Lock _gate = new();
    private int _open;
    private int _most;

    public async Task FollowAsync(HttpContext context, RequestDelegate next)
    {
        var isStream = context.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal);
        var entry = new Entry($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", context.Request.Cookies["user"]);
        _entries.Enqueue(entry);
        if (isStream)
        {
            lock (_gate)
                _most = Math.Max(_most, ++_open);
        }

        try
        {
            await next(context);
        }
        finally
        {
            entry.Status = context.Response.StatusCode;
            entry.End = context.RequestAborted.IsCancellationRequested ? "left" : "ended";
            if (isStream)
            {
                lock (_gate)
                    _open--;
            }
        }
    }

    public object Read()
    {
        lock (_gate)
            return new { open = _open, most = _most, requests = _entries.ToArray() };
    }

    internal sealed class Entry(string target, string? user)
    {
        public string Target { get; } = target;

        public string? User { get; } = user;

        public int Status { get; set; }

        /// <summary><c>left</c>: the client went; <c>ended</c>: the server did; nothing while it is open.</summary>
        public string? End { get; set; }
    }
}
