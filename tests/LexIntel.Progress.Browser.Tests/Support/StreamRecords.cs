namespace LexIntel.Progress.Browser.Tests.Support;

/// <summary>The streams and requests of a site, as its server saw them.</summary>
/// <param name="Open">Streams that are open now.</param>
/// <param name="Most">The most that ever were at once.</param>
/// <param name="Ends">Why those that have ended did, in their order: <c>finished</c>, <c>left</c>, <c>shutdown</c> and what else the library tells its operators.</param>
/// <param name="Requests">Every request, oldest first.</param>
internal sealed record StreamRecords(int Open, int Most, IReadOnlyList<string> Ends, IReadOnlyList<StreamRecord> Requests)
{
    public IEnumerable<StreamRecord> Streams => Requests.Where(request => request.Target.Split('?')[0].EndsWith("/stream", StringComparison.Ordinal));

    public IEnumerable<StreamRecord> Statuses => Requests.Where(request => request.Target.Contains("/status", StringComparison.Ordinal));

    public override string ToString() => $"open {Open}, most {Most}, ends [{string.Join(", ", Ends)}], requests [{string.Join(", ", Requests)}]";
}

/// <summary>One of them.</summary>
/// <param name="Target">Method, path and query.</param>
/// <param name="User">Who asked.</param>
/// <param name="Status">The answer; 0 while there is none.</param>
internal sealed record StreamRecord(string Target, string? User, int Status);
