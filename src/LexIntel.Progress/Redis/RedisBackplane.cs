using System.Globalization;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>The backplane over Redis: one key per document or batch, whose name is also the name of its channel.</summary>
internal sealed class RedisBackplane : IBackplane
{
    private readonly RedisConnection _connection;
    private readonly ProgressOptions _options;
    private readonly RedisProbe _probe;
    private bool? _isCluster;

    public RedisBackplane(RedisConnection connection, IOptions<ProgressOptions> options, TimeProvider time)
    {
        (_connection, _options) = (connection, options.Value);
        _probe = new(this, connection, _options, time);
    }

    public int GroupSize => 100;

    public bool IsRemote => true;

    public event Action? Restored
    {
        add => _connection.Restored += value;
        remove => _connection.Restored -= value;
    }

    public async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        var redis = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var database = redis.GetDatabase();
        await Task.WhenAll(Calls(database, group, IsCluster(redis))).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<ProgressRevision?[]> RenewAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        var database = (await ConnectAsync(cancellationToken).ConfigureAwait(false)).GetDatabase();
        return await Task.WhenAll(documentIds.Select(id => RenewAsync(database, id))).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<Subject> subjects, CancellationToken cancellationToken)
    {
        var redis = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var database = redis.GetDatabase();
        var keys = subjects.Select(subject => (RedisKey)Key(subject)).ToArray();
        var values = IsCluster(redis) || subjects.Any(subject => subject.IsBatch)
            ? Task.WhenAll(subjects.Select((subject, i) => subject.IsBatch
                ? database.HashGetAsync(keys[i], RedisNames.BatchState, CommandFlags.DemandMaster)
                : database.StringGetAsync(keys[i], CommandFlags.DemandMaster)))
            : database.StringGetAsync(keys, CommandFlags.DemandMaster);
        // Pipelined behind the values: PEXPIRETIME moves with every renewal, PTTL tells by the server's own clock how old the last one is.
        var expiries = Task.WhenAll(keys.Select(key => database.KeyExpireTimeAsync(key, CommandFlags.DemandMaster)));
        var lives = Task.WhenAll(keys.Select(key => database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster)));
        await Task.WhenAll(values, expiries, lives).WaitAsync(cancellationToken).ConfigureAwait(false);

        var (json, expiry, life) = (await values.ConfigureAwait(false), await expiries.ConfigureAwait(false), await lives.ConfigureAwait(false));
        var states = new StoredState?[keys.Length];
        for (var i = 0; i < states.Length; i++)
        {
            // What the store did not write (a foreign value under our name) is as good as nothing.
            if (RedisAnswer.RevisionOf(json[i]) is not null)
                states[i] = new((ReadOnlyMemory<byte>)json[i], expiry[i]?.Ticks ?? 0, life[i]);
        }

        return states;
    }

    public async Task<IAsyncDisposable> SubscribeAsync(Subject subject, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        var subscriber = await _connection.GetSubscriberAsync(cancellationToken).ConfigureAwait(false);
        // The queue overload: handlers given to the other overload run concurrently, out of order.
        var subscribing = subscriber.SubscribeAsync(RedisChannel.Literal(Key(subject)));
        ChannelMessageQueue queue;
        try
        {
            queue = await subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = subscribing.ContinueWith(late => late.Result.Unsubscribe(CommandFlags.FireAndForget), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        queue.OnMessage(message => receive((ReadOnlyMemory<byte>)message.Message));
        return new Subscription(queue);
    }

    public Task ProbeAsync(CancellationToken cancellationToken) => _probe.RunAsync(cancellationToken);

    private string Key(Subject subject) => RedisNames.Of(_options.Prefix, subject);

    private async Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken) =>
        await _connection.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    private bool IsCluster(IConnectionMultiplexer redis)
    {
        if (_isCluster is { } known)
            return known;
        foreach (var server in redis.GetServers())
        {
            if (server.IsConnected)
                return (_isCluster = server.ServerType == ServerType.Cluster).Value;
        }

        return false;
    }

    /// <summary>Documents next to each other share a call; in a Cluster the keys of one call must share a slot, so that each has its own. A batch always has.</summary>
    private IEnumerable<Task> Calls(IDatabase database, OfferGroup group, bool isCluster)
    {
        var first = 0;
        for (var i = 0; i < group.Count; i++)
        {
            if (group.Offers[i].Kind == OfferKind.Members)
            {
                if (i > first)
                    yield return OfferAsync(database, group, first, i - first);
                yield return OfferBatchAsync(database, group, i);
                first = i + 1;
            }
            else if (isCluster)
            {
                yield return OfferAsync(database, group, i, 1);
                first = i + 1;
            }
        }

        if (group.Count > first)
            yield return OfferAsync(database, group, first, group.Count - first);
    }

    private async Task OfferBatchAsync(IDatabase database, OfferGroup group, int index)
    {
        var subject = group.Offers[index].Subject;
        var arguments = DescribeBatch(group, index);
        var answer = await database.ScriptEvaluateAsync(RedisScripts.Batch, [Key(subject)], arguments, CommandFlags.DemandMaster).ConfigureAwait(false);
        group.Offers[index].Result = RedisAnswer.ParseBatch((string?)answer);
    }

    private static RedisValue[] DescribeBatch(OfferGroup group, int index)
    {
        ref var offer = ref group.Offers[index];
        var claim = offer.Batch;
        var members = group.Members(offer);
        var arguments = new RedisValue[RedisScripts.BatchArguments + (members.Length * RedisScripts.ArgumentsPerMember)];
        arguments[0] = (long)group.Retention.TotalMilliseconds;
        arguments[1] = claim.Now.ToUnixTimeMilliseconds();
        arguments[2] = claim.Known?.Attempt ?? 0;
        arguments[3] = claim.Known?.Number ?? 0;
        arguments[4] = claim.Expected;
        arguments[5] = claim.Started;
        arguments[6] = claim.MayCreate ? "1" : "0";
        arguments[7] = BatchLimits.Members;
        arguments[8] = BatchWriter.Quote(offer.Subject.Id);
        arguments[9] = StateWriter.Time(claim.Now);
        for (var i = 0; i < members.Length; i++)
        {
            arguments[RedisScripts.BatchArguments + (2 * i)] = members[i].DocumentId;
            arguments[RedisScripts.BatchArguments + (2 * i) + 1] = members[i].Entry;
        }

        return arguments;
    }

    private async Task OfferAsync(IDatabase database, OfferGroup group, int first, int count)
    {
        var keys = new RedisKey[count];
        var arguments = new RedisValue[RedisScripts.CommonArguments + (count * RedisScripts.ArgumentsPerDocument)];
        arguments[0] = ((long)group.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
            keys[i] = Describe(group, first + i, arguments.AsSpan(RedisScripts.CommonArguments + (i * RedisScripts.ArgumentsPerDocument)));

        // The overload that takes the text sends its hash, and reloads the script by itself after a server restart.
        var answers = await database.ScriptEvaluateAsync(RedisScripts.Offer, keys, arguments, CommandFlags.DemandMaster).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
            group.Offers[first + i].Result = RedisAnswer.Parse((string?)answers[i]);
    }

    private async Task<ProgressRevision?> RenewAsync(IDatabase database, string documentId)
    {
        try
        {
            return RedisAnswer.RevisionOf(await database.StringGetSetExpiryAsync(Key(documentId), _options.Retention).ConfigureAwait(false));
        }
        catch (RedisServerException wrong) when (wrong.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // Somebody else's value under one name must not take the others' leases with it.
            return null;
        }
    }

    private RedisKey Describe(OfferGroup group, int index, Span<RedisValue> arguments)
    {
        ref var offer = ref group.Offers[index];
        arguments[0] = offer.Kind switch { OfferKind.Numbered => "j", OfferKind.NewAttempt => "n", _ => "p" };
        arguments[1] = offer.Revision.Attempt;
        arguments[2] = offer.Revision.Number;
        arguments[3] = offer.IsTerminal ? "1" : "0";
        arguments[4] = offer.Run;
        arguments[5] = group.Full(offer);
        arguments[6] = group.Short(offer);
        return Key(offer.Subject);
    }

    private sealed class Subscription(ChannelMessageQueue queue) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                // It ends here at once. The server's answer changes nothing, and one that is frozen must hold up nobody.
                await queue.UnsubscribeAsync(CommandFlags.FireAndForget).ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is RedisException or TimeoutException or ObjectDisposedException)
            {
                // The connection is gone, and the subscription with it.
            }
        }
    }
}
