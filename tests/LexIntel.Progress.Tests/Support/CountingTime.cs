using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Support;

/// <summary>A test's clock that notes for how long timers are set.</summary>
internal sealed class CountingTime : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public override long TimestampFrequency => Clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => Clock.GetUtcNow();

    public override long GetTimestamp() => Clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(Clock.CreateTimer(callback, state, dueTime, period), _waits);

    private sealed class Timer(ITimer inner, ConcurrentQueue<TimeSpan> waits) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            waits.Enqueue(dueTime);
            return inner.Change(dueTime, period);
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
