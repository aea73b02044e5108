using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Rules;

namespace LexIntel.Progress.Chaos.Tests;

/// <summary>Tells a history, one event after the other, of one document and, at first, one reader.</summary>
internal sealed class Story
{
    public const string Document = "d";

    private int _connection = 1;

    public Story(ReaderKind kind = ReaderKind.Steady)
    {
        Reader = new(0, Document, kind);
        History.Readers.Add(Reader);
        See(ReaderEventKind.Opened, 0);
    }

    public History History { get; } = new() { EndedAt = 100_000 };

    public ReaderLog Reader { get; private set; }

    /// <summary>From now on another reader of the document sees.</summary>
    public Story Another(double at = 0, ReaderKind kind = ReaderKind.Steady)
    {
        Reader = new(History.Readers.Count, Document, kind);
        History.Readers.Add(Reader);
        _connection = 1;
        return See(ReaderEventKind.Opened, at);
    }

    public Story Reconnect(double at)
    {
        See(ReaderEventKind.Left, at);
        _connection++;
        return See(ReaderEventKind.Opened, at);
    }

    public Story See(ReaderEventKind kind, double at, string detail = "")
    {
        Reader.Events.Add(new(at, _connection, 0, kind, Detail: detail));
        return this;
    }

    public Story See(double at, SeenState state)
    {
        Reader.Events.Add(new(at, _connection, 0, ReaderEventKind.State, state));
        return this;
    }

    /// <summary>A state of attempt 10, 20… by job 1, 2…, reported when it is seen.</summary>
    public Story State(double at, int attempt, int number, double percent = 0, string step = "s0", string status = "processing", string[]? steps = null, string? author = null, double? reported = null) =>
        See(at, Make(attempt, number, percent, step, status, steps, author, reported ?? at));

    public static SeenState Make(int attempt, int number, double percent = 0, string step = "s0", string status = "processing", string[]? steps = null, string? author = null, double reported = 0) =>
        new(new(attempt, number), status, percent, step, steps, author ?? $"j{attempt / 10}", reported);

    public Story Job(int job, string worker = "w", Action<JobFacts>? more = null)
    {
        History.Jobs[job] = new(job, Document, worker, job);
        more?.Invoke(History.Jobs[job]);
        return this;
    }

    public Story Stored(SeenState state)
    {
        History.Stored[Document] = state;
        return this;
    }

    public Story Disturb(string kind, double from, double to, string? worker = null, bool losesData = false)
    {
        History.Disturbances.Add(new(kind, from, to, worker, losesData));
        return this;
    }

    /// <summary>Which guarantees the checker finds broken.</summary>
    public string[] Broken() => [.. Checker.Check(History).Select(violation => violation.Guarantee).Distinct()];
}
