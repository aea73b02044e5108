using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace LexIntel.Progress.TestSite;

/// <summary>Every stream as the server saw it: what it was for, and how it ended.</summary>
internal sealed class StreamLog : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _ends = new();
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly Lock _gate = new();
    private int _open;
    private int _most;

    public StreamLog()
    {
        // Why a stream ended is what the library tells its operators.
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == ProgressDiagnostics.MeterName && instrument.Name == "lexintel.progress.stream.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "reason")
                    _ends.Enqueue((string)value!);
            }
        });
        _listener.Start();
    }

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
            return new { open = _open, most = _most, ends = _ends.ToArray(), requests = _entries.ToArray() };
    }

    public void Dispose() => _listener.Dispose();

    internal sealed class Entry(string target, string? user)
    {
        public string Target { get; } = target;

        public string? User { get; } = user;

        public int Status { get; set; }
    }
}
