using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Reads stored states: values and lives of many documents in one round trip. What the reader knows already is not copied.</summary>
internal sealed class RedisReads(ProgressOptions options)
{
    private readonly ConcurrentQueue<RedisKeys> _idle = new();

    /// <summary>A state that was just stored is read where it was stored, unless the host has said that near is better than newest.</summary>
    private readonly CommandFlags _readFrom = options.ReadFromReplica ? CommandFlags.PreferReplica : CommandFlags.DemandMaster;

    public async Task<StoredState?[]> ReadAsync(IConnectionMultiplexer redis, IReadOnlyList<Question> questions)
    {
        var keys = _idle.TryDequeue(out var idle) ? idle : new();
        keys.Begin(questions.Count);
        for (var i = 0; i < questions.Count; i++)
            keys.Name(i, options.Prefix, questions[i].Subject);
        var database = redis.GetDatabase();
        var states = new StoredState?[questions.Count];
        var calls = SlotRuns.Of(redis, keys.All, i => questions[i].Subject.IsBatch).ConvertAll(run => questions[run.Start.Value].Subject.IsBatch
            ? ReadBatchAsync(database, keys[run.Start.Value], run.Start.Value, questions, states)
            : ReadDocumentsAsync(redis, keys.WordsOf(run), run.Start.Value, questions, states));
        // Pipelined behind the values.
        List<(int Index, Task<DateTime?> Expiry, Task<TimeSpan?> Life)> lives = [];
        for (var i = 0; i < states.Length; i++)
        {
            if (!questions[i].NeedsLife)
                continue;
            // PEXPIRETIME moves with every renewal, PTTL tells by the server's own clock how old the last one is.
            var (expiry, life) = (database.KeyExpireTimeAsync(keys[i], _readFrom), database.KeyTimeToLiveAsync(keys[i], _readFrom));
            lives.Add((i, expiry, life));
            calls.Add(expiry);
            calls.Add(life);
        }

        await Task.WhenAll(calls).ConfigureAwait(false);
        foreach (var (index, expiry, life) in lives)
        {
            if (states[index] is { } state)
                states[index] = state with { Beat = (await expiry.ConfigureAwait(false) ?? DateTime.UnixEpoch) - DateTime.UnixEpoch, Life = await life.ConfigureAwait(false) };
        }

        _idle.Enqueue(keys);
        return states;
    }

    private async Task ReadDocumentsAsync(IConnectionMultiplexer redis, ReadOnlyMemory<RedisKeyOrValue> keys, int first, IReadOnlyList<Question> questions, StoredState?[] states)
    {
        try
        {
            using var values = await redis.GetDatabase().ExecuteRespAsync("MGET", keys, _readFrom).ConfigureAwait(false);
            var index = first;
            foreach (var value in values.Read().AggregateChildren())
            {
                if (index == first + keys.Length)
                    break;
                states[index] = RedisAnswer.State(value, questions[index].Known);
                index++;
            }
        }
        catch (RedisServerException failure)
        {
            // Here, and not where all answers come together: another's failure may come first.
            SlotRuns.Correct(redis, failure);
            throw;
        }
    }

    private async Task ReadBatchAsync(IDatabase database, RedisKey key, int index, IReadOnlyList<Question> questions, StoredState?[] states)
    {
        try
        {
            var json = (ReadOnlyMemory<byte>)await database.HashGetAsync(key, RedisNames.BatchState, _readFrom).ConfigureAwait(false);
            states[index] = RedisAnswer.State(json.Span, questions[index].Known);
        }
        catch (RedisServerException other) when (other.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // No batch, as MGET says of a key that is no document: what is read together with it must not fail for it.
        }
    }
}
