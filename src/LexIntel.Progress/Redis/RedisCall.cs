using System.Runtime.InteropServices;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using RESPite.Messages;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>One call of a script and the offers that travel in it, in arrays that are used again for the next call. Not thread-safe.</summary>
internal sealed class RedisCall
{
    /// <summary>
    /// The most documents that travel together: enough to share the cost of a call, which for fewer than 50 makes each dearer, and few enough that Redis, which
    /// runs nothing else meanwhile, is back after about a millisecond.
    /// </summary>
    public const int MostDocuments = 100;

    private readonly List<int> _offers = [];
    private readonly List<int> _elsewhere = [];
    private RedisKey[] _keys = [];
    private RedisValue[] _values = [];
    private IServer? _server;
    private bool _isAlone;

    /// <summary>Completes with the answer; fails with what the client library throws.</summary>
    public Task Answer { get; private set; } = Task.CompletedTask;

    /// <summary>How many offers travel in it.</summary>
    public int Count => _offers.Count;

    public bool IsFull => Count == MostDocuments;

    /// <summary>Whether it was for one offer, whose key this user may not write.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>Those that it did not bring to the server that has them, and that another call may.</summary>
    public ReadOnlySpan<int> Elsewhere => CollectionsMarshal.AsSpan(_elsewhere);

    /// <summary>Begins a call.</summary>
    /// <param name="server">In a Cluster the server that has all of its keys.</param>
    /// <param name="isAlone">Whether it is for one offer, wherever its key is.</param>
    public void Begin(IServer? server, bool isAlone)
    {
        (_server, _isAlone, IsDenied) = (server, isAlone, false);
        _offers.Clear();
        _elsewhere.Clear();
    }

    /// <summary>Whether what this server has may travel in it.</summary>
    public bool IsOf(IServer? server) => !_isAlone && ReferenceEquals(_server, server);

    /// <summary>Takes an offer along, by its index in the group.</summary>
    public void Add(int offer) => _offers.Add(offer);

    /// <summary>Sends it. The client library sends a script's hash, and its text where a server does not know it yet or any more.</summary>
    public void Send(IDatabase database, OfferGroup group, RedisKeys keys, string offerScript, string batchScript)
    {
        if (!_isAlone)
        {
            SendTogether(database, group, keys, offerScript);
            return;
        }

        ref readonly var offer = ref group.Offers[_offers[0]];
        RedisKey[] key = [keys[_offers[0]]];
        if (offer.Kind == OfferKind.Members)
        {
            Answer = database.ScriptEvaluateAsync(batchScript, key, DescribeBatch(group, offer), CommandFlags.DemandMaster);
        }
        else
        {
            var values = new RedisValue[RedisScripts.CommonArguments + RedisScripts.ArgumentsPerDocument];
            values[0] = Retention(group);
            Describe(group, offer, values.AsSpan(RedisScripts.CommonArguments));
            Answer = database.ScriptEvaluateAsync(offerScript, key, values, CommandFlags.DemandMaster);
        }
    }

    /// <summary>Gives what was answered to the offers.</summary>
    public void TakeAnswer(OfferGroup group)
    {
        if (Answer is Task<RespResult> together)
        {
            using var answers = together.Result;
            RedisAnswer.Parse(answers, group.Offers, CollectionsMarshal.AsSpan(_offers));
            foreach (var each in _offers)
            {
                if (RedisAnswer.IsElsewhere(group.Offers[each].Result))
                    _elsewhere.Add(each);
            }

            return;
        }

        var answer = ((Task<RedisResult>)Answer).Result;
        ref var offer = ref group.Offers[_offers[0]];
        offer.Result = offer.Kind == OfferKind.Members ? RedisAnswer.ParseBatch((string?)answer) : RedisAnswer.Parse((byte[]?)answer[0]);
    }

    /// <summary>Says of its offers that waiting mends nothing.</summary>
    public void GiveUp(OfferGroup group)
    {
        foreach (var offer in _offers)
            group.Offers[offer].Result = group.Offers[offer].Result with { Outcome = OfferOutcome.Impossible };
    }

    /// <summary>Gives all of its offers a failure. <see langword="true"/> when each of them may fare better alone.</summary>
    public bool Fail(OfferGroup group, Exception failure)
    {
        foreach (var offer in _offers)
            group.Offers[offer].Result = new(OfferOutcome.NotNow, Error: failure.Message);
        IsDenied = _isAlone && failure is RedisServerException { Kind: RedisErrorKind.NoPermission };
        if (!_isAlone && IsElsewhere(failure))
            _elsewhere.AddRange(_offers);
        return _elsewhere.Count > 0;
    }

    private bool IsElsewhere(Exception failure) => failure switch
    {
        RedisServerException { Kind: RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.TryAgain or RedisErrorKind.UnknownRedirectTarget } => true,
        // What is wrong with one key, or with the slot of the one that is declared, is not wrong with the others.
        RedisServerException { Kind: RedisErrorKind.NoPermission } => Count > 1,
        RedisServerException => _server is not null && Count > 1,
        // So the client library calls an ASK that it was told not to follow.
        RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect } => _server is not null,
        _ => false,
    };

    private void SendTogether(IDatabase database, OfferGroup group, RedisKeys keys, string script)
    {
        // A Cluster takes keys of one slot only. One says where the call goes; what else the server has goes as arguments.
        var declared = _server is null ? Count : 1;
        var others = RedisScripts.CommonArguments + (Count * RedisScripts.ArgumentsPerDocument);
        Fit(ref _keys, declared);
        Fit(ref _values, others + Count - declared);
        _values[0] = Retention(group);
        var left = _values.AsSpan(RedisScripts.CommonArguments);
        for (var i = 0; i < Count; i++)
        {
            Describe(group, group.Offers[_offers[i]], left);
            left = left[RedisScripts.ArgumentsPerDocument..];
            if (i < declared)
                _keys[i] = keys[_offers[i]];
            else
                _values[others + i - declared] = keys.Value(_offers[i]);
        }

        // This form lets go of its arguments when they are sent: to follow a redirection with it breaks the connection (seen with 3.4.35).
        Answer = database.ScriptEvaluateRespAsync(
            script, _keys.AsMemory(0, declared), _values.AsMemory(0, others + Count - declared), CommandFlags.DemandMaster | CommandFlags.NoRedirect);
    }

    private static RedisValue Retention(OfferGroup group) => (long)group.Retention.TotalMilliseconds;

    private static void Describe(OfferGroup group, in Offer offer, Span<RedisValue> values)
    {
        values[0] = offer.Kind switch { OfferKind.Numbered => "j", OfferKind.NewAttempt => "n", OfferKind.Renewal => "r", _ => "p" };
        values[1] = group.Full(offer);
        values[2] = group.Short(offer);
    }

    private static RedisValue[] DescribeBatch(OfferGroup group, in Offer offer)
    {
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

    private static void Fit<T>(ref T[] array, int count)
    {
        if (array.Length < count)
            array = new T[count];
    }
}
