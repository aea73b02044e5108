using System.Globalization;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Sends a group's offers, as few calls as their keys allow: documents together, a batch in a call of its own.</summary>
internal sealed class RedisOffers(ProgressOptions options)
{
    private readonly string _offer = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Offer) : RedisScripts.Offer;
    private readonly string _batch = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Batch) : RedisScripts.Batch;

    /// <summary>Whether a call failed because its server does not answer.</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException;

    public Task OfferAsync(IConnectionMultiplexer redis, OfferGroup group)
    {
        var database = redis.GetDatabase();
        var keys = new RedisKey[group.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = RedisNames.Of(options.Prefix, group.Offers[i].Subject);
        var runs = SlotRuns.Of(redis, keys, i => group.Offers[i].Kind == OfferKind.Members);
        return runs is [_] ? OfferAsync(database, group, keys, ..) : Task.WhenAll(runs.ConvertAll(run => TryOfferAsync(database, group, keys, run)));
    }

    /// <summary>One master of a Cluster may be away: the others' documents are taken all the same.</summary>
    private async Task TryOfferAsync(IDatabase database, OfferGroup group, RedisKey[] keys, Range run)
    {
        try
        {
            await OfferAsync(database, group, keys[run], run).ConfigureAwait(false);
        }
        catch (Exception away) when (IsAway(away))
        {
            foreach (ref var offer in group.Offers[run])
                offer.Result = new(OfferOutcome.NotNow, Error: away.Message);
        }
    }

    private async Task OfferAsync(IDatabase database, OfferGroup group, RedisKey[] keys, Range run)
    {
        var first = run.Start.Value;
        if (group.Offers[first].Kind == OfferKind.Members)
        {
            var answer = await database.ScriptEvaluateAsync(_batch, keys, DescribeBatch(group, first), CommandFlags.DemandMaster).ConfigureAwait(false);
            group.Offers[first].Result = RedisAnswer.ParseBatch((string?)answer);
            return;
        }

        var arguments = new RedisValue[RedisScripts.CommonArguments + (keys.Length * RedisScripts.ArgumentsPerDocument)];
        arguments[0] = ((long)group.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < keys.Length; i++)
            Describe(group, first + i, arguments.AsSpan(RedisScripts.CommonArguments + (i * RedisScripts.ArgumentsPerDocument)));

        // The overload that takes the text sends its hash, and reloads the script by itself after a server restart.
        var answers = await database.ScriptEvaluateAsync(_offer, keys, arguments, CommandFlags.DemandMaster).ConfigureAwait(false);
        for (var i = 0; i < keys.Length; i++)
            group.Offers[first + i].Result = RedisAnswer.Parse((string?)answers[i]);
    }

    private static void Describe(OfferGroup group, int index, Span<RedisValue> arguments)
    {
        ref var offer = ref group.Offers[index];
        arguments[0] = offer.Kind switch { OfferKind.Numbered => "j", OfferKind.NewAttempt => "n", _ => "p" };
        arguments[1] = group.Full(offer);
        arguments[2] = group.Short(offer);
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
