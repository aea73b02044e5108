using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Whether the backplane can be read: degraded after 5 s without a successful read, recovered after two successes.
/// </summary>
internal sealed class BackplaneHealth(TimeProvider time, ILogger<BackplaneHealth> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int SuccessesToRecover = 2;

    private readonly Lock _gate = new();
    private long? _succeededAt;
    private int _successes;
    private Degradation? _degradation;

    /// <summary>Since when and why streams are degraded; <see langword="null"/> while they are not.</summary>
    public Degradation? Degradation => Volatile.Read(ref _degradation);

    public bool IsFailing { get; private set; }

    /// <summary>A read succeeded. <see langword="true"/> when that ends a degradation.</summary>
    public bool Succeed()
    {
        lock (_gate)
        {
            IsFailing = false;
            _succeededAt = time.GetTimestamp();
            if (_degradation is null || ++_successes < SuccessesToRecover)
                return false;
            _degradation = null;
        }

        Log.Recovered(logger);
        return true;
    }

    /// <summary>A read failed. <see langword="true"/> when that begins a degradation.</summary>
    public bool Fail(string reason)
    {
        lock (_gate)
        {
            IsFailing = true;
            _successes = 0;
            if (_degradation is not null || (_succeededAt is { } last && time.GetElapsedTime(last) < Patience))
                return false;
            _degradation = new(time.GetUtcNow(), "backplane-unavailable");
        }

        Log.Degraded(logger, reason);
        return true;
    }
}

/// <param name="Since">When it began.</param>
/// <param name="Reason">A word for clients; the details are in the log.</param>
internal sealed record Degradation(DateTimeOffset Since, string Reason);
