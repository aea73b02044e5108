using System.Globalization;
using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using RESPite.Messages;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Reads what the script and the keys answer.</summary>
internal static class RedisAnswer
{
    /// <summary>Reads what the offer script answers for each of its documents.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="offers">All offers of the group.</param>
    /// <param name="asked">The indices of those that were sent, in their order.</param>
    public static void Parse(RespResult answers, Span<Offer> offers, ReadOnlySpan<int> asked)
    {
        foreach (var answer in answers.Read().AggregateChildren())
        {
            if (asked.IsEmpty)
                return;
            offers[asked[0]].Result = Parse(Bytes(answer));
            asked = asked[1..];
        }

        foreach (var unanswered in asked)
            offers[unanswered].Result = Parse([]);
    }

    /// <summary>
    /// Whether a script could not use a key that was not declared: its slot has moved or is moving (Redis' "Redis cluster specification"), or the server lets
    /// scripts use declared keys only, or those of one slot.
    /// </summary>
    public static bool IsElsewhere(in OfferResult result) => result is { Outcome: OfferOutcome.NotNow, Error: { } error }
        && (error.Contains("non local key", StringComparison.Ordinal) || error.Contains("undeclared key", StringComparison.Ordinal)
            || error.Contains("do not hash to the same slot", StringComparison.Ordinal));

    public static OfferResult Parse(ReadOnlySpan<byte> answer)
    {
        if (answer.IsEmpty)
            return new(OfferOutcome.NotNow, Error: "The offer script returned no answer.");
        if (answer[0] == '!')
            return Error(Encoding.UTF8.GetString(answer[1..]));
        // A renewal found nothing.
        if (answer.SequenceEqual("-"u8))
            return new(OfferOutcome.Refused);

        var space = answer.IndexOf((byte)' ');
        if (space > 0 && ProgressRevision.TryParse(answer[1..space], null, out var revision)
            && int.TryParse(answer[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var run))
        {
            return (char)answer[0] switch
            {
                '+' => new(OfferOutcome.Accepted, revision, run),
                '=' => new(OfferOutcome.Repeated, revision, run),
                _ => new(OfferOutcome.Refused, revision, run),
            };
        }

        return new(OfferOutcome.NotNow, Error: $"The offer script answered '{Encoding.UTF8.GetString(answer)}'.");
    }

    public static OfferResult ParseBatch(string? answer)
    {
        if (answer is not { Length: > 0 })
            return new(OfferOutcome.NotNow, Error: "The batch script returned no answer.");
        if (answer[0] == '!')
            return Error(answer[1..]);
        if (answer == "-")
            return new(OfferOutcome.Refused);

        var parts = answer[1..].Split(' ');
        if (parts.Length == 5 && ProgressRevision.TryParse(parts[0], null, out var revision)
            && Number(parts[1], out var total) && Number(parts[2], out var ended) && Number(parts[3], out var started) && Number(parts[4], out var dropped))
        {
            var outcome = answer[0] == '+' ? OfferOutcome.Accepted : OfferOutcome.Repeated;
            return new(outcome, revision, Tally: new((int)total, (int)ended, started, (int)dropped));
        }

        return new(OfferOutcome.NotNow, Error: $"The batch script answered '{answer}'.");
    }

    /// <summary>A stored state; <see langword="null"/> where there is none, or what the store did not write.</summary>
    /// <param name="value">What is stored.</param>
    /// <param name="known">The revision that the reader has already, whose state is not copied.</param>
    public static StoredState? State(in RespReader value, ProgressRevision? known) => value.IsNull || !value.IsScalar ? null : State(Bytes(value), known);

    /// <inheritdoc cref="State(in RespReader, ProgressRevision?)"/>
    public static StoredState? State(ReadOnlySpan<byte> json, ProgressRevision? known) => ShortReader.RevisionOf(json) switch
    {
        null => null,
        { } revision when revision == known => new(revision, default),
        { } revision => new(revision, json.ToArray()),
    };

    /// <summary>The revision at the beginning of a stored state; <see langword="null"/> when there is none.</summary>
    public static ProgressRevision? RevisionOf(RedisValue value) => ShortReader.RevisionOf(((ReadOnlyMemory<byte>)value).Span);

    private static ReadOnlySpan<byte> Bytes(in RespReader value) => value.TryGetSpan(out var bytes) ? bytes : value.ReadByteArray();

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static OfferResult Error(string error)
    {
        // These two are about one key: waiting does not mend them. Everything else (OOM, READONLY, LOADING, CLUSTERDOWN) passes.
        var isImpossible = error.Contains("WRONGTYPE", StringComparison.Ordinal) || error.Contains("NOPERM", StringComparison.Ordinal)
            || error.Contains("can't access", StringComparison.Ordinal);
        return new(isImpossible ? OfferOutcome.Impossible : OfferOutcome.NotNow, Error: error);
    }
}
