using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Reads stored states: values and lives of many documents in one round trip. What the reader knows already is not copied.</summary>
internal sealed class RedisReads(ProgressOptions options)
{
    private static readonly Task<TimeSpan?[]> NoLives = Task.FromResult<TimeSpan?[]>([]);

    private readonly ConcurrentQueue<RedisArguments> _idle = new();

    /// <summary>A state that was just stored is read where it was stored, unless the host has said that near is better than newest.</summary>
    private readonly CommandFlags _readFrom = options.ReadFromReplica ? CommandFlags.PreferReplica : CommandFlags.DemandMaster;

    public async Task<StoredState?[]> ReadAsync(
        IConnectionMultiplexer redis, IReadOnlyList<Subject> subjects, Func<int, ProgressRevision?>? known, bool needsLife)
    {
        var arguments = _idle.TryDequeue(out var idle) ? idle : new();
        arguments.Begin(subjects.Count);
        for (var i = 0; i < subjects.Count; i++)
            arguments.Name(i, options.Prefix, subjects[i]);
        var database = redis.GetDatabase();
        var states = new StoredState?[subjects.Count];
        var values = Task.WhenAll(SlotRuns.Of(redis, arguments.Keys, i => subjects[i].IsBatch).ConvertAll(run => subjects[run.Start.Value].IsBatch
            ? ReadBatchAsync(database, arguments.Keys[run.Start.Value], run.Start.Value, known, states)
            : ReadDocumentsAsync(database, arguments.WordsOf(run), run.Start.Value, known, states)));
        // Pipelined behind the values: PEXPIRETIME moves with every renewal, PTTL tells by the server's own clock how old the last one is.
        var expiries = new Task<DateTime?>[states.Length];
        for (var i = 0; i < expiries.Length; i++)
            expiries[i] = database.KeyExpireTimeAsync(arguments.Keys[i], _readFrom);
        var lives = needsLife ? Task.WhenAll(Array.ConvertAll(arguments.Keys.ToArray(), key => database.KeyTimeToLiveAsync(key, _readFrom))) : NoLives;
        await Task.WhenAll(values, Task.WhenAll(expiries), lives).ConfigureAwait(false);

        var life = await lives.ConfigureAwait(false);
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] is { } state)
                states[i] = state with { Beat = (await expiries[i].ConfigureAwait(false))?.Ticks ?? 0, Life = needsLife ? life[i] : null };
        }

        _idle.Enqueue(arguments);
        return states;
    }

    private async Task ReadDocumentsAsync(IDatabase database, ReadOnlyMemory<RedisKeyOrValue> keys, int first, Func<int, ProgressRevision?>? known, StoredState?[] states)
    {
        using var values = await database.ExecuteRespAsync("MGET", keys, _readFrom).ConfigureAwait(false);
        var index = first;
        foreach (var value in values.Read().AggregateChildren())
        {
            if (index == first + keys.Length)
                break;
            states[index] = RedisAnswer.State(value, known?.Invoke(index));
            index++;
        }
    }

    private async Task ReadBatchAsync(IDatabase database, RedisKey key, int index, Func<int, ProgressRevision?>? known, StoredState?[] states)
    {
        var json = (ReadOnlyMemory<byte>)await database.HashGetAsync(key, RedisNames.BatchState, _readFrom).ConfigureAwait(false);
        states[index] = RedisAnswer.State(json.Span, known?.Invoke(index));
    }
}
