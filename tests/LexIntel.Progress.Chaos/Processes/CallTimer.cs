using System.Diagnostics;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>Measures every call a worker makes, and tells of those that took long or threw.</summary>
internal sealed class CallTimer(Action<WorkerReport> report)
{
    private const double LongMilliseconds = 20;

    public CallTimes Times { get; } = new();

    public void Time(string name, Action call) => Time(name, () =>
    {
        call();
        return true;
    });

    public T Time<T>(string name, Func<T> call)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            return call();
        }
        catch (Exception thrown)
        {
            report(new(WorkerReportKind.Threw, Clock.Now, Text: $"{name} threw {thrown}"));
            throw;
        }
        finally
        {
            var took = Stopwatch.GetElapsedTime(began);
            Times.Add(took);
            if (took.TotalMilliseconds > LongMilliseconds)
                report(new(WorkerReportKind.Slow, Clock.Now, Text: name, Value: took.TotalMilliseconds));
        }
    }
}
