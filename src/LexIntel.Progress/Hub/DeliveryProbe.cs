using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Measures the way of a message once in an interval, and more often while something is wrong, whether or not anybody watches a document.
/// It runs beside the hub's rounds: a way that is frozen must not hold up reading. Only the hub's loop uses it.
/// </summary>
internal sealed class DeliveryProbe(IBackplane backplane, BackplaneHealth health, Func<bool> isNobodyReading, ProgressOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _probing = Task.CompletedTask;
    private long? _beganAt;

    /// <summary>Begins one when it is due. In process there is nothing to measure.</summary>
    /// <param name="pause">How long ago the one before must have begun.</param>
    public void BeginWhenDue(TimeSpan pause)
    {
        if (!backplane.IsRemote || !_probing.IsCompleted || _stop.IsCancellationRequested || (_beganAt is { } last && time.GetElapsedTime(last) < pause))
            return;
        _beganAt = time.GetTimestamp();
        _probing = RunAsync();
    }

    /// <summary>Makes the next one due now: the connection is another one.</summary>
    public void Hasten() => _beganAt = null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _probing.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(options.BackplaneTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            await backplane.ProbeAsync(isReader: true, both.Token).ConfigureAwait(false);
            health.Deliver();
            // It has read as well. Where others do, they know better: it went to one node only.
            if (isNobodyReading())
                health.Read();
        }
#pragma warning disable CA1031 // Whatever the client library throws: the next one tells whether it has passed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_stop.IsCancellationRequested)
                health.FailToDeliver(exception);
        }
    }
}
