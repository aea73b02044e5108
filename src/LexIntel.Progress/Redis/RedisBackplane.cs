using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>The backplane over Redis: one key per document or batch, whose name is also the name of its channel.</summary>
internal sealed class RedisBackplane : IBackplane
{
    private static readonly Task<TimeSpan?[]> NoLives = Task.FromResult<TimeSpan?[]>([]);

    private readonly RedisConnection _connection;
    private readonly ProgressOptions _options;
    private readonly RedisOffers _offers;
    private readonly RedisProbe _probe;

    /// <summary>A state that was just stored is read where it was stored, unless the host has said that near is better than newest.</summary>
    private readonly CommandFlags _readFrom;

    public RedisBackplane(RedisConnection connection, IOptions<ProgressOptions> options, TimeProvider time)
    {
        (_connection, _options) = (connection, options.Value);
        _offers = new(_options);
        _probe = new(this, connection, _options, time);
        _readFrom = _options.ReadFromReplica ? CommandFlags.PreferReplica : CommandFlags.DemandMaster;
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
        await _offers.OfferAsync(redis, group).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<ProgressRevision?[]> RenewAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        var database = (await ConnectAsync(cancellationToken).ConfigureAwait(false)).GetDatabase();
        var renewals = documentIds.Select(id => RenewAsync(database, id)).ToArray();
        try
        {
            return await Task.WhenAll(renewals).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception away) when (RedisOffers.IsAway(away) && renewals.Any(renewal => renewal.IsCompletedSuccessfully))
        {
            // One master of a Cluster is away, and must not take the others' leases with it. Its own documents are offered again.
            return [.. renewals.Select(renewal => renewal.IsCompletedSuccessfully ? renewal.Result : null)];
        }
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<Subject> subjects, bool needsLife, CancellationToken cancellationToken)
    {
        var redis = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var database = redis.GetDatabase();
        var keys = subjects.Select(subject => (RedisKey)Key(subject)).ToArray();
        var values = ReadAsync(database, keys, subjects, SlotRuns.Of(redis, keys, i => subjects[i].IsBatch));
        // Pipelined behind the values: PEXPIRETIME moves with every renewal, PTTL tells by the server's own clock how old the last one is.
        var expiries = Task.WhenAll(keys.Select(key => database.KeyExpireTimeAsync(key, _readFrom)));
        var lives = needsLife ? Task.WhenAll(keys.Select(key => database.KeyTimeToLiveAsync(key, _readFrom))) : NoLives;
        await Task.WhenAll(values, expiries, lives).WaitAsync(cancellationToken).ConfigureAwait(false);

        var (json, expiry, life) = (await values.ConfigureAwait(false), await expiries.ConfigureAwait(false), await lives.ConfigureAwait(false));
        var states = new StoredState?[keys.Length];
        for (var i = 0; i < states.Length; i++)
        {
            // What the store did not write (a foreign value under our name) is as good as nothing.
            if (RedisAnswer.RevisionOf(json[i]) is not null)
                states[i] = new((ReadOnlyMemory<byte>)json[i], expiry[i]?.Ticks ?? 0, needsLife ? life[i] : null);
        }

        return states;
    }

    public async Task<ISubscription> SubscribeAsync(Subject subject, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        var subscriber = await _connection.GetSubscriberAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new RedisSubscription(subscriber, Channel(subject), _options.ReadFromReplica ? CommandFlags.PreferReplica : CommandFlags.None, receive);
        try
        {
            await subscription.BeginAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Also one that is confirmed late.
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return subscription;
    }

    public Task ProbeAsync(bool isReader, CancellationToken cancellationToken) => _probe.RunAsync(isReader, cancellationToken);

    private string Key(Subject subject) => RedisNames.Of(_options.Prefix, subject);

    public RedisChannel Channel(Subject subject) =>
        _options.ShardedChannels ? RedisChannel.Sharded(Key(subject)) : RedisChannel.Literal(Key(subject));

    private async Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken) =>
        await _connection.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    private async Task<RedisValue[]> ReadAsync(IDatabase database, RedisKey[] keys, IReadOnlyList<Subject> subjects, List<Range> runs)
    {
        var values = await Task.WhenAll(runs.ConvertAll(run => ReadRunAsync(run.Start.Value, run))).ConfigureAwait(false);
        return values is [var all] ? all : [.. values.SelectMany(static value => value)];

        async Task<RedisValue[]> ReadRunAsync(int first, Range run) => subjects[first].IsBatch
            ? [await database.HashGetAsync(keys[first], RedisNames.BatchState, _readFrom).ConfigureAwait(false)]
            : await database.StringGetAsync(keys[run], _readFrom).ConfigureAwait(false);
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
}
