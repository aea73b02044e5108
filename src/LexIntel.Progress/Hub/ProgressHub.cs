using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Hub;

/// <summary>
/// One per process: one backplane subscription per watched document or batch, shared by all readers. First subscribe, then read what is stored,
/// then offer both: no gap. A topic that is quiet is read again, and all are after a lost connection, so that nothing pub/sub loses stays lost.
/// </summary>
internal sealed class ProgressHub : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Subject, Topic> _topics = new();
    private readonly IBackplane _backplane;
    private readonly SourceReader _source;
    private readonly ProgressOptions _options;
    private readonly TimeProvider _time;
    private readonly ProgressMetrics _metrics;
    private readonly ILogger<ProgressHub> _logger;
    private readonly Subscriptions _subscriptions;
    private readonly DeliveryProbe _probe;
    private readonly Coalescer<StoredState?> _reads;
    private readonly Signal _signal = new();
    private readonly ITimer _timer;
    private readonly Walk<KeyValuePair<Subject, Topic>> _walk;
    private readonly Lazy<Task> _loop;
    private readonly TimeSpan _round;
    private volatile bool _isRestored;
    private volatile bool _isStopping;
    private volatile bool _isAsleep;
    private int _topicCount;
    private long _caredAt;

    public ProgressHub(IBackplane backplane, SourceReader source, StartChecks start, IOptions<ProgressOptions> options, TimeProvider time, ProgressMetrics metrics, ILoggerFactory loggers)
    {
        // Who asks for a hub reads; who only publishes never does.
        start.HasReaders = true;
        (_backplane, _source, _options, _time, _metrics) = (backplane, source, options.Value, time, metrics);
        _logger = loggers.CreateLogger<ProgressHub>();
        _round = _options.QuietInterval / 5 < LongestRound ? _options.QuietInterval / 5 : LongestRound;
        Health = new(time, loggers.CreateLogger<BackplaneHealth>());
        Health.Changed += WakeAll;
        _subscriptions = new(backplane, _options, time, loggers.CreateLogger<Subscriptions>());
        _probe = new(backplane, Health, () => TopicCount == 0, _options, time);
        _reads = new((subjects, stop) => backplane.ReadAsync([.. subjects.Select(static subject => new Question(subject))], stop), backplane.ReadSize, _options.BackplaneTimeout, time);
        _walk = new(_topics);
        _timer = time.CreateTimer(static state => ((ProgressHub)state!)._signal.Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = new(Begin);
        _backplane.Restored += OnRestored;
        _metrics.Observe("topics", "{document}", "Documents that this process is subscribed to.", () => TopicCount);
        _metrics.Observe("readers", "{reader}", "Readers of documents in this process.", () => _topics.Sum(static pair => (long)pair.Value.ReaderCount));
        _metrics.Observe("documents.stalled", "{document}", "Watched documents whose worker gives no sign of life.", () => _topics.LongCount(static pair => pair.Value.StalledSince is not null));
        _metrics.ObserveBackplane("read", () => Degradation is null);
    }

    /// <summary>Whether the backplane does what readers need; measured from <see cref="Open"/> on.</summary>
    public BackplaneHealth Health { get; }

    /// <summary>Since when and why what readers see may be old; <see langword="null"/> while it is not.</summary>
    public Degradation? Degradation => Health.Degradation;

    /// <exception cref="ObjectDisposedException">The hub was disposed: nothing will come any more.</exception>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isStopping, this);

    /// <summary>Whether a round takes far longer than all its calls may: a defect, which only a restart mends.</summary>
    public bool IsStuck => _loop.IsValueCreated && !_isStopping
        && (_loop.Value.IsCompleted || (!_isAsleep && _time.GetElapsedTime(Volatile.Read(ref _caredAt)) > LongestRound + (10 * _options.BackplaneTimeout)));

    /// <summary>How many documents and batches are watched, or were a moment ago. Counted here: the dictionary would take all its locks.</summary>
    public int TopicCount => Volatile.Read(ref _topicCount);

    /// <summary>Whether one more reader would add no topic.</summary>
    public bool HasTopic(Subject subject) => _topics.ContainsKey(subject);

    public ProgressMetrics Metrics => _metrics;

    public TimeProvider Time => _time;

    /// <summary>Begins to measure the health of the backplane, before anybody watches a document. The first reader does that too.</summary>
    public void Open()
    {
        if (!_isStopping)
            _ = _loop.Value;
    }

    /// <summary>Adds a reader of a document or batch. Dispose the result.</summary>
    public Watch Join(Subject subject, Mailbox mailbox, ProgressRevision? after)
    {
        ThrowIfDisposed();
        Open();
        while (true)
        {
            // Of several threads that make one, exactly one sees its own in the dictionary: it opens it.
            Topic? made = null;
            var topic = _topics.GetOrAdd(subject, id => made = new Topic(id, this));
            if (topic.Join(mailbox, after) is not { } watch)
                continue;
            if (ReferenceEquals(topic, made))
            {
                Interlocked.Increment(ref _topicCount);
                _ = Detached.Run(() => OpenAsync(topic));
                if (_isAsleep)
                    _signal.Set();
            }

            return watch;
        }
    }

    /// <summary>Reads a document or batch once, from what is held for others, the backplane, or the host's source.</summary>
    /// <exception cref="ProgressUnavailableException">Neither the backplane nor the source answered.</exception>
    public async Task<Reading> ReadAsync(Subject subject)
    {
        if (_topics.TryGetValue(subject, out var topic) && topic.IsOpened && topic.Subscription is not null
            && Degradation is null && topic.Current is { } live)
        {
            return new(live, topic.StalledSince, ReadingOrigin.Live, IsUnknown: false);
        }

        var look = new Topic(subject, this);
        Exception? failure = null;
        try
        {
            look.Look(await _reads.AskAsync(subject).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Whatever the client library throws: the source is asked instead.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        var origin = ReadingOrigin.Backplane;
        if (failure is not null || look.NeedsSource)
        {
            var answer = await _source.AskAsync(subject).ConfigureAwait(false);
            look.Take(answer);
            if (look.Current is { Origin: StateOrigin.Source })
                origin = ReadingOrigin.Database;
            if (failure is not null && !answer.IsAnswered)
                throw new ProgressUnavailableException($"The state of {subject} cannot be read now: the backplane does not answer, and no snapshot source did. Try again later.", failure);
        }

        return new(look.Current, look.StalledSince, origin, look.IsUnknown);
    }

    /// <summary>Reads and checks a message or stored snapshot; <see langword="null"/> when nobody may see it. The caller holds the result, and releases it.</summary>
    public State? Parse(ReadOnlyMemory<byte> json, Subject subject, int limit, string? likelyBatch)
    {
        StateFields fields = default;
        if (!subject.IsBatch && json.Length <= limit && ShortReader.TryRead(json.Span, subject.Id, _time.GetUtcNow(), likelyBatch, out fields))
            return StatePool.Take(fields, json);

        var rejection = json.Length > limit ? StateRejection.TooLarge
            : subject.IsBatch ? BatchReader.Read(json.Span, subject.Id, _time.GetUtcNow(), out fields)
            : StateReader.Read(json.Span, subject.Id, _time.GetUtcNow(), out fields);
        if (rejection == StateRejection.None && subject.IsBatch && fields.Revision is null)
            rejection = StateRejection.NotABatch;
        if (rejection == StateRejection.None)
            return new State(fields, fields.Revision is null ? StateOrigin.Foreign : StateOrigin.Stored);

        _metrics.MessageDropped(ProgressMetrics.Reason(rejection));
        Log.MessageDropped(_logger, subject, ProgressMetrics.Reason(rejection));
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _backplane.Restored -= OnRestored;
        await _subscriptions.StopAsync().ConfigureAwait(false);
        _signal.Set();
        if (_loop.IsValueCreated)
            await _loop.Value.ConfigureAwait(false);
        WakeAll();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _probe.DisposeAsync().ConfigureAwait(false);
        foreach (var (_, topic) in _topics)
            await Subscriptions.EndAsync(topic).ConfigureAwait(false);
        _subscriptions.Dispose();
    }

    /// <summary>For containers that are disposed synchronously, which refuse services that cannot be.</summary>
    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private async Task OpenAsync(Topic topic)
    {
        // A frozen backplane takes its time to fail; who watches must not wait for that.
        if (Health.IsReadingFailing && _source.Exists)
            await AskSourceAsync(topic).ConfigureAwait(false);
        // First subscribed, then read: no gap. While messages fail to arrive there is one anyway, which is closed when they do again.
        var subscribing = _subscriptions.BeginAsync(topic, LookAfterSubscribingAsync);
        if (!Health.IsDeliveryFailing)
            await subscribing.ConfigureAwait(false);
        await TryLookAsync(topic).ConfigureAwait(false);
        if (topic.NeedsSource)
            await AskSourceAsync(topic).ConfigureAwait(false);
        topic.SetOpened();
    }

    /// <summary>The first look follows by itself.</summary>
    private Task LookAfterSubscribingAsync(Topic topic) => topic.IsOpened ? TryLookAsync(topic) : Task.CompletedTask;

    /// <summary>Reads what is stored. When it cannot be read, the loop tries again.</summary>
    private async Task TryLookAsync(Topic topic)
    {
        try
        {
            var stored = await _reads.AskAsync(topic.Subject).ConfigureAwait(false);
            Health.Read();
            topic.Look(stored);
        }
#pragma warning disable CA1031 // Whatever the client library throws: readers are told when the hub is degraded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Health.FailToRead(exception);
        }
    }

    private Task Begin()
    {
        _caredAt = _time.GetTimestamp();
        return Detached.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (!_isStopping)
        {
            // Without topics there is only the probe until somebody joins. Who joins adds the topic and then looks whether the loop sleeps;
            // the loop says that it does and then looks for topics: one of them always sees the other.
            Volatile.Write(ref _caredAt, _time.GetTimestamp());
            _isAsleep = true;
            Interlocked.MemoryBarrier();
            _isAsleep = _topics.IsEmpty;
            _timer.Change(_isAsleep ? LongestSleep : AreAllDue ? _round : _round / Parts.Of(TopicCount), Timeout.InfiniteTimeSpan);
            _probe.BeginWhenDue(Health.IsFailing ? _round : _options.QuietInterval - _round);
            await _signal.WaitAsync().ConfigureAwait(false);
            try
            {
                await CareAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A defect in one round must not end the care for all topics.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.HubFailed(_logger, exception);
            }
        }
    }

    /// <summary>Whether a round takes all at once: after a loss, and while something is wrong, when each part would only try in vain once more.</summary>
    private bool AreAllDue => _isRestored || Health.IsFailing;

    private TimeSpan LongestSleep => !_backplane.IsRemote ? Timeout.InfiniteTimeSpan : Health.IsFailing ? _round : _options.QuietInterval;

    /// <summary>A round, or a part of one: lets go of topics that nobody watches, reads those that are quiet, subscribes those that are not.</summary>
    private async Task CareAsync()
    {
        var (size, readAll) = (TopicCount, _isRestored);
        if (readAll)
        {
            // Only what was seen: a loss that is noticed this moment has its own round.
            _isRestored = false;
            _probe.Hasten();
        }
        else if (!Health.IsFailing)
        {
            size = Parts.SizeOf(size);
        }

        List<Topic> due = [];
        var now = _time.GetTimestamp();
        for (var left = size; left > 0 && _walk.TryNext(out var entry); left--)
        {
            var topic = entry.Value;
            if (topic.TryClose(_options.Linger))
                Close(topic);
            else if (topic.IsOpened && (readAll || IsDue(topic, now)))
                due.Add(topic);
        }

        foreach (var chunk in due.Chunk(_backplane.ReadSize))
        {
            Volatile.Write(ref _caredAt, _time.GetTimestamp());
            // The first chunk is the probe: the others wait until the backplane answers.
            if (!await RereadAsync(chunk).ConfigureAwait(false))
                break;
        }

        // While the backplane is away the source stands in for it.
        if (_source.Exists && (Health.IsReadingFailing || Degradation is not null))
            await Task.WhenAll(due.Where(topic => topic.Current is not { IsTerminal: true } && IsSourceDue(topic)).Select(AskSourceAsync)).ConfigureAwait(false);
    }

    /// <summary>Whether a topic has to be read now, so that the interval has not passed by the next round. While something is wrong, all are in every round.</summary>
    private bool IsDue(Topic topic, long now) =>
        topic.IsReadDue || topic.Subscription is null || Health.IsFailing || _time.GetElapsedTime(topic.QuietSince, now) >= topic.MostQuiet(_options.QuietInterval) - _round;

    /// <summary>Reads topics again in one call; <see langword="false"/> when they cannot be read.</summary>
    private async Task<bool> RereadAsync(Topic[] topics)
    {
        StoredState?[] stored;
        try
        {
            using var limit = new CancellationTokenSource(_options.BackplaneTimeout, _time);
            stored = await _backplane.ReadAsync(Array.ConvertAll(topics, static topic => topic.Ask()), limit.Token)
                .WaitAsync(limit.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the client library throws: readers are told when the hub is degraded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Health.FailToRead(exception);
            return false;
        }

        Health.Read();
        List<Task>? asking = null;
        for (var i = 0; i < topics.Length; i++)
        {
            var topic = topics[i];
            var isMissed = topic.Look(stored[i]);
            if (isMissed)
                Log.MessageMissed(_logger, topic.Subject);
            if (isMissed || topic.Subscription is null)
                _ = _subscriptions.BeginAsync(topic, LookAfterSubscribingAsync);
            if (topic.NeedsSource && IsSourceDue(topic))
                (asking ??= []).Add(AskSourceAsync(topic));
        }

        if (asking is not null)
            await Task.WhenAll(asking).ConfigureAwait(false);
        return true;
    }

    /// <summary>The source is asked no more often than a quiet document would be read.</summary>
    private bool IsSourceDue(Topic topic) => topic.SourceAskedAt is not { } last || _time.GetElapsedTime(last) >= _options.QuietInterval - _round;

    private async Task AskSourceAsync(Topic topic)
    {
        topic.SourceAskedAt = _time.GetTimestamp();
        topic.Take(await _source.AskAsync(topic.Subject).ConfigureAwait(false));
    }

    private void WakeAll()
    {
        foreach (var (_, topic) in _topics)
            topic.Wake();
    }

    private void Close(Topic topic)
    {
        if (_topics.TryRemove(new(topic.Subject, topic)))
            Interlocked.Decrement(ref _topicCount);
        _ = Subscriptions.EndAsync(topic);
    }

    private void OnRestored()
    {
        _isRestored = true;
        _signal.Set();
    }
}
