using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// A document of this process' own goes the way that all go, with the commands that all use: what is missing on the server, and what is
/// broken on the way, shows here first. One at a time.
/// </summary>
internal sealed class RedisProbe(RedisBackplane backplane, RedisConnection connection, ProgressOptions options, TimeProvider time)
{
    /// <summary>How long the store keeps it: what is left of a process that is gone goes soon.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly long _attempt = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly string _documentId = $"lexintel-progress-probe-{Guid.NewGuid():N}";
    private long _number;

    public async Task RunAsync(bool isReader, CancellationToken cancellationToken)
    {
        try
        {
            await (isReader ? SendAndReceiveAsync(cancellationToken) : SendAsync(NextRevision(), cancellationToken)).ConfigureAwait(false);
        }
        catch (RedisServerException refused) when (IsUnsupported(refused.Message))
        {
            throw Unsupported(refused.Message, refused);
        }
    }

    private ProgressRevision NextRevision() => new(_attempt, Interlocked.Increment(ref _number));

    private async Task SendAndReceiveAsync(CancellationToken cancellationToken)
    {
        var revision = NextRevision();
        var arrival = new Arrival(revision);
        // Subscribed anew each time: that a channel can be subscribed is part of what has to work.
        var subscription = await backplane.SubscribeAsync(_documentId, arrival, cancellationToken).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            var isSent = await SendAsync(revision, cancellationToken).ConfigureAwait(false);
            await backplane.ReadAsync([new(_documentId)], cancellationToken).ConfigureAwait(false);
            if (isSent)
                await WaitAsync(arrival.Task, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Half of the way. <see langword="false"/> when this process has nowhere to send to.</summary>
    private async Task<bool> SendAsync(ProgressRevision revision, CancellationToken cancellationToken)
    {
        if (await IsReadOnlyAsync().WaitAsync(cancellationToken).ConfigureAwait(false))
            return false;
        var renewal = new OfferGroup { Retention = Life };
        renewal.AddRenewal(_documentId);
        await OfferAsync(renewal, cancellationToken).ConfigureAwait(false);
        var group = new OfferGroup { Retention = Life };
        group.Add(OfferKind.Numbered, revision, new() { DocumentId = _documentId, Status = ProgressStatus.Pending, Step = "", Message = "", Timestamp = time.GetUtcNow() }, publishFull: true);
        await OfferAsync(group, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        await backplane.OfferAsync(group, cancellationToken).ConfigureAwait(false);
        await CheckAsync(group.Offers[0]).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A backend that reads at a replica and reaches no master sends nothing of its own, and has nothing to wait for.</summary>
    private async Task<bool> IsReadOnlyAsync() => options.ReadFromReplica
        && !(await connection.GetAsync().ConfigureAwait(false)).GetServers().Any(static server => server is { IsConnected: true, IsReplica: false });

    private async Task CheckAsync(Offer offer)
    {
        var result = offer.Result;
        if (offer.Kind == OfferKind.Renewal ? result.Error is null : result.Outcome is OfferOutcome.Accepted)
            return;
        var error = result.Error ?? $"A state of revision {result.Revision} was there already.";
        if (result.Outcome is not OfferOutcome.Impossible && !IsUnsupported(error))
            throw new RedisException(error);
        await TryOneByOneAsync().ConfigureAwait(false);
        throw Unsupported(error);
    }

    /// <summary>Errors inside of a script do not say which of its commands is missing; the same commands outside do.</summary>
    private async Task TryOneByOneAsync()
    {
        var database = (await connection.GetAsync().ConfigureAwait(false)).GetDatabase();
        // Literally: the client library may choose another command for the same purpose.
        RedisKey name = RedisNames.Of(options.Prefix, _documentId);
        await database.ExecuteAsync("GETEX", name).ConfigureAwait(false);
        await database.ExecuteAsync("GETRANGE", name, 0, 0).ConfigureAwait(false);
        await database.ExecuteAsync("SET", name, "", "PX", (long)Life.TotalMilliseconds).ConfigureAwait(false);
        await database.PublishAsync(backplane.Channel(_documentId), "").ConfigureAwait(false);
    }

    private static async Task WaitAsync(Task arrived, CancellationToken cancellationToken)
    {
        try
        {
            await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException silent)
        {
            throw new TimeoutException("Redis stores states, but a message that was published did not arrive at its subscription in time.", silent);
        }
    }

    private static bool IsUnsupported(string error) =>
        error.Contains("NOPERM", StringComparison.Ordinal) || error.Contains("unknown command", StringComparison.OrdinalIgnoreCase)
        || error.Contains("unknown redis command", StringComparison.OrdinalIgnoreCase) || error.Contains("can't run this command", StringComparison.Ordinal)
        || error.Contains("can't publish to the channel", StringComparison.Ordinal)
        || error.Contains("ACL failure", StringComparison.Ordinal);

    private BackplaneUnsupportedException Unsupported(string error, Exception? inner = null) => new(
        $"Redis cannot carry progress: {error} Use Redis 7.0 or newer, or Valkey, and give its user these rights: {RedisRights.For(options)}", inner);

    /// <summary>Completes when the state of that revision has come.</summary>
    private sealed class Arrival(ProgressRevision revision) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), IReceiver
    {
        public void Receive(ReadOnlyMemory<byte> message)
        {
            if (RedisAnswer.RevisionOf(message) == revision)
                TrySetResult();
        }
    }
}
