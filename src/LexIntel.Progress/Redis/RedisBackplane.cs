using LexIntel.Progress.Backplane;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>The backplane over Redis: one key per document or batch, whose name is also the name of its channel.</summary>
internal sealed class RedisBackplane : IBackplane
{
    private readonly RedisConnection _connection;
    private readonly ProgressOptions _options;
    private readonly RedisOffers _offers;
    private readonly RedisReads _reads;
    private readonly RedisProbe _probe;

    public RedisBackplane(RedisConnection connection, IOptions<ProgressOptions> options, TimeProvider time)
    {
        (_connection, _options) = (connection, options.Value);
        _offers = new(_options);
        _reads = new(_options);
        _probe = new(this, connection, _options, time);
    }

    public int GroupSize => _offers.GroupSize;

    public int ReadSize => 100;

    public bool IsRemote => true;

    public event Action? Restored
    {
        add => _connection.Restored += value;
        remove => _connection.Restored -= value;
    }

    public async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        var redis = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await _offers.OfferAsync(redis, group, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        var redis = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        return await _reads.ReadAsync(redis, questions).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken)
    {
        var subscriber = await _connection.GetSubscriberAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new RedisSubscription(subscriber, Channel(subject), _options.ReadFromReplica ? CommandFlags.PreferReplica : CommandFlags.None, receiver);
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
}
