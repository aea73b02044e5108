namespace LexIntel.Progress.AspNetCore;

/// <summary>One client's right to have a stream open, and what the stream watches. Dispose it when the stream ends.</summary>
internal sealed class StreamPermit(StreamLimits limits, ClientUsage? usage) : IDisposable
{
    private List<Subject>? _subjects;

    /// <summary>Asks to watch one more document or batch, which the stream does not watch yet. The limit that is reached, or <see langword="null"/>.</summary>
    public Limit? TryWatch(Subject subject)
    {
        if (limits.TryWatch(usage, subject) is { } limit)
            return limit;
        if (usage is not null)
            (_subjects ??= []).Add(subject);
        return null;
    }

    /// <summary>Gives back what is no longer watched.</summary>
    public void Unwatch(Subject subject)
    {
        if (usage is not null && _subjects?.Remove(subject) == true)
            limits.Unwatch(usage, subject);
    }

    public void Dispose() => limits.Leave(usage, _subjects ?? []);
}
