using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using RESPite.Messages;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Sends a group's offers, as few calls as their keys allow: documents together, a batch in a call of its own.</summary>
internal sealed class RedisOffers(ProgressOptions options)
{
    private readonly string _offer = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Offer) : RedisScripts.Offer;
    private readonly string _batch = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Batch) : RedisScripts.Batch;
    private readonly ConcurrentQueue<RedisArguments> _idle = new();

    /// <summary>Whether a call failed because its server does not answer.</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException;

    public async Task OfferAsync(IConnectionMultiplexer redis, OfferGroup group)
    {
        var arguments = _idle.TryDequeue(out var idle) ? idle : new();
        arguments.Begin(group.Count);
        for (var i = 0; i < group.Count; i++)
            arguments.Name(i, options.Prefix, group.Offers[i].Subject);
        var runs = SlotRuns.Of(redis, arguments.Keys, i => group.Offers[i].Kind == OfferKind.Members);
        var values = Describe(group, runs, arguments);
        var calls = Begin(redis.GetDatabase(), group, arguments, runs, values);
        var areAnswered = true;
        for (var i = 0; i < calls.Length; i++)
        {
            try
            {
                await calls[i].ConfigureAwait(false);
                Take(calls[i], group.Offers[runs[i]]);
            }
            catch (Exception away) when (IsAway(away))
            {
                SlotRuns.Correct(redis, away);
                if (calls.Length == 1)
                    throw;
                // One master of a Cluster may be away: the others' documents are taken all the same.
                foreach (ref var offer in group.Offers[runs[i]])
                    offer.Result = new(OfferOutcome.NotNow, Error: away.Message);
                areAnswered = false;
            }
        }

        // A call without an answer may still be under way.
        if (areAnswered)
            _idle.Enqueue(arguments);
    }

    private Task[] Begin(IDatabase database, OfferGroup group, RedisArguments arguments, List<Range> runs, ReadOnlyMemory<RedisValue> values)
    {
        var calls = new Task[runs.Count];
        for (var i = 0; i < calls.Length; i++)
        {
            var (first, count) = runs[i].GetOffsetAndLength(group.Count);
            var keys = arguments.KeysOf(runs[i]);
            // The overloads that take the text send its hash, and reload the script by themselves after a server restart.
            calls[i] = group.Offers[first].Kind == OfferKind.Members
                ? database.ScriptEvaluateAsync(_batch, keys.ToArray(), DescribeBatch(group, first), CommandFlags.DemandMaster)
                : database.ScriptEvaluateRespAsync(_offer, keys, values.Slice(ValuesBefore(i, first), ValuesBefore(1, count)), CommandFlags.DemandMaster);
        }

        return calls;
    }

    /// <summary>Takes what a call has answered.</summary>
    private static void Take(Task call, Span<Offer> offers)
    {
        if (call is Task<RespResult> documents)
        {
            using var answers = documents.Result;
            RedisAnswer.Parse(answers, offers);
        }
        else
        {
            offers[0].Result = RedisAnswer.ParseBatch((string?)((Task<RedisResult>)call).Result);
        }
    }

    /// <summary>How many values the calls before have, which carry so many documents.</summary>
    private static int ValuesBefore(int calls, int documents) => (calls * RedisScripts.CommonArguments) + (documents * RedisScripts.ArgumentsPerDocument);

    private static Memory<RedisValue> Describe(OfferGroup group, List<Range> runs, RedisArguments arguments)
    {
        var values = arguments.Values(ValuesBefore(runs.Count, group.Count));
        RedisValue retention = (long)group.Retention.TotalMilliseconds;
        var left = values.Span;
        foreach (var run in runs)
        {
            left[0] = retention;
            left = left[RedisScripts.CommonArguments..];
            foreach (ref var offer in group.Offers[run])
            {
                left[0] = offer.Kind switch { OfferKind.Numbered => "j", OfferKind.NewAttempt => "n", OfferKind.Renewal => "r", _ => "p" };
                left[1] = group.Full(offer);
                left[2] = group.Short(offer);
                left = left[RedisScripts.ArgumentsPerDocument..];
            }
        }

        return values;
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
}
