using System.Diagnostics;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;

namespace LexIntel.Progress.Publishing;

/// <summary>One call to the backplane: the offers that travel together, and the slots they come from. Used again after its answer.</summary>
/// <param name="backplane">Where it goes.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
/// <param name="answered">Called when it is over, on whatever thread.</param>
internal sealed class OfferCall(IBackplane backplane, ProgressOptions options, TimeProvider time, Action<OfferCall> answered) : IDisposable
{
    private CancellationTokenSource? _limit;

    /// <summary>What it carries.</summary>
    public OfferGroup Group { get; private set; } = new() { Retention = options.Retention };

    /// <summary>The slots, in the order of the offers.</summary>
    public List<OutboxEntry> Entries { get; } = [];

    /// <summary>When it was sent last, by the clock's timestamps.</summary>
    public long SentAt { get; private set; }

    /// <summary>Why nothing is known of its outcome; <see langword="null"/> when it was answered.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Completes with the answer, or when it has taken too long. Never fails.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    public void Send() => Sending = SendAsync();

    public void Clear()
    {
        Entries.Clear();
        // A call that failed may still be under way and read the old group's bytes.
        if (Failure is null && !Group.HasLeft)
            Group.Clear();
        else
            Group = new() { Retention = options.Retention };
        Failure = null;
    }

    public void Dispose() => _limit?.Dispose();

    private async Task SendAsync()
    {
        SentAt = time.GetTimestamp();
        using (var span = ProgressTraces.IsListenedTo ? ProgressTraces.StartPublish(Group.Count, Entries.Select(static entry => entry.Trace)) : null)
        {
            try
            {
                await backplane.OfferAsync(Group, Limit()).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever the client library throws, the outcome is unknown and the offer is repeated.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Failure = exception;
                span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            }
        }

        answered(this);
    }

    /// <summary>A token that is cancelled when the call has taken too long; the same source as long as no call has.</summary>
    private CancellationToken Limit()
    {
        if (_limit is not null && _limit.TryReset())
        {
            _limit.CancelAfter(options.BackplaneTimeout);
        }
        else
        {
            _limit?.Dispose();
            _limit = new(options.BackplaneTimeout, time);
        }

        return _limit.Token;
    }
}
