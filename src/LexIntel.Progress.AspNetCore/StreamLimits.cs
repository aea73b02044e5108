using System.Threading.RateLimiting;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore;

/// <summary>
/// What clients may hold (streams, documents) and how fast they may come. What is held is counted exactly and forgotten with its stream;
/// the framework's rate limiters count how fast, and forget a client that has not come for some seconds.
/// </summary>
internal sealed class StreamLimits : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Client, ClientUsage> _usages = [];
    private readonly ProgressHub _hub;
    private readonly ProgressStreamOptions _options;
    private readonly ProgressMetrics _metrics;
    private readonly ILogger<StreamLimits> _logger;
    private readonly Lazy<TokenBucketRateLimiter> _rate;
    private readonly Lazy<PartitionedRateLimiter<Client>> _rates;
    private int _streams;

    public StreamLimits(ProgressHub hub, ProgressStreamOptions options, ProgressMetrics metrics, ILogger<StreamLimits> logger)
    {
        (_hub, _options, _metrics, _logger) = (hub, options, metrics, logger);
        // They have timers: a host that is built and never started has none.
        _rate = new(() => new(Bucket(options.MaxNewStreamsPerSecond)));
        _rates = new(() => PartitionedRateLimiter.Create<Client, Client>(client =>
            RateLimitPartition.GetTokenBucketLimiter(client, key => Bucket(RateOf(key) ?? options.MaxNewStreamsPerSecond))));
    }

    /// <summary>How many clients are kept books of.</summary>
    public int ClientCount
    {
        get
        {
            lock (_gate)
                return _usages.Count;
        }
    }

    /// <summary>Asks for one more stream. Dispose the permit when the stream ends; without one, the limit says why.</summary>
    public bool TryEnter(HttpContext context, out StreamPermit permit, out Limit limit)
    {
        var client = Client.Of(context);
        permit = null!;
        limit = Rate(client)!;
        if (limit is null)
        {
            lock (_gate)
                limit = EnterUnsynchronized(client, ref permit)!;
        }

        if (limit is null)
            return true;
        Refuse(limit);
        return false;
    }

    public Limit? TryWatch(ClientUsage? usage, Subject subject)
    {
        Limit? limit = null;
        if (usage is not null)
        {
            lock (_gate)
            {
                if (!usage.TryWatch(subject))
                    limit = Limit.DocumentsOfClient(usage.Client, TopicsOf(usage.Client)!.Value);
            }
        }

        // Requests at the same moment may go past it by their number, which MaxStreams bounds.
        if (limit is null && _hub.TopicCount >= _options.MaxTopics && !_hub.HasTopic(subject))
        {
            if (usage is not null)
                Unwatch(usage, subject);
            limit = Limit.Documents(_options.MaxTopics);
        }

        if (limit is not null)
            Refuse(limit);
        return limit;
    }

    public void Unwatch(ClientUsage usage, Subject subject)
    {
        lock (_gate)
            usage.Unwatch(subject);
    }

    public void Leave(ClientUsage? usage, IReadOnlyList<Subject> subjects)
    {
        lock (_gate)
        {
            _streams--;
            if (usage is null)
                return;
            foreach (var subject in subjects)
                usage.Unwatch(subject);
            if (--usage.Streams == 0)
                _usages.Remove(usage.Client);
        }
    }

    public void Dispose()
    {
        if (_rate.IsValueCreated)
            _rate.Value.Dispose();
        if (_rates.IsValueCreated)
            _rates.Value.Dispose();
    }

    private Limit? EnterUnsynchronized(Client client, ref StreamPermit permit)
    {
        if (_streams >= _options.MaxStreams)
            return Limit.Streams(_options.MaxStreams);

        ClientUsage? usage = null;
        if (StreamsOf(client) is not null || TopicsOf(client) is not null)
        {
            if (!_usages.TryGetValue(client, out usage))
                _usages.Add(client, usage = new(client, TopicsOf(client) ?? int.MaxValue));
            if (usage.Streams >= StreamsOf(client))
                return Limit.StreamsOfClient(client, usage.Streams);
            usage.Streams++;
        }

        _streams++;
        permit = new(this, usage);
        return null;
    }

    /// <summary>The client's own rate first: what it is refused must not count against all.</summary>
    private Limit? Rate(Client client)
    {
        if (RateOf(client) is { } most)
        {
            using var lease = _rates.Value.AttemptAcquire(client);
            if (!lease.IsAcquired)
                return Limit.RateOfClient(client, most);
        }

        using var all = _rate.Value.AttemptAcquire();
        return all.IsAcquired ? null : Limit.RateOfHost(_options.MaxNewStreamsPerSecond);
    }

    private void Refuse(Limit limit)
    {
        _metrics.StreamRefused(limit.Reason);
        Log.LimitReached(_logger, limit.Reason);
    }

    private int? StreamsOf(Client client) => client.IsUser ? _options.MaxStreamsPerUser : _options.MaxStreamsPerAddress;

    private int? TopicsOf(Client client) => client.IsUser ? _options.MaxTopicsPerUser : _options.MaxTopicsPerAddress;

    private int? RateOf(Client client) => client.IsUser ? _options.MaxNewStreamsPerSecondPerUser : _options.MaxNewStreamsPerSecondPerAddress;

    /// <summary>A second's worth may come at once: a page that opens all its streams.</summary>
    private static TokenBucketRateLimiterOptions Bucket(int perSecond) => new()
    {
        TokenLimit = perSecond,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
