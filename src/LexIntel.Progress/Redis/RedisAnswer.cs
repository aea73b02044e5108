using System.Globalization;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Reads what the script and the keys answer.</summary>
internal static class RedisAnswer
{
    public static OfferResult Parse(string? answer)
    {
        if (answer is not { Length: > 1 })
            return new(OfferOutcome.NotNow, Error: "The offer script returned no answer.");
        if (answer[0] == '!')
            return Error(answer[1..]);

        var space = answer.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && ProgressRevision.TryParse(answer.AsSpan(1, space - 1), null, out var revision)
            && int.TryParse(answer.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var run))
        {
            return answer[0] switch
            {
                '+' => new(OfferOutcome.Accepted, revision, run),
                '=' => new(OfferOutcome.Repeated, revision, run),
                _ => new(OfferOutcome.Refused, revision, run),
            };
        }

        return new(OfferOutcome.NotNow, Error: $"The offer script answered '{answer}'.");
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

    /// <summary>The revision at the beginning of a stored state; <see langword="null"/> when there is none.</summary>
    public static ProgressRevision? RevisionOf(RedisValue value) => ShortReader.RevisionOf(((ReadOnlyMemory<byte>)value).Span);

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static OfferResult Error(string error)
    {
        // These two are about one key: waiting does not mend them. Everything else (OOM, READONLY, LOADING, CLUSTERDOWN) passes.
        var isImpossible = error.Contains("WRONGTYPE", StringComparison.Ordinal) || error.Contains("NOPERM", StringComparison.Ordinal)
            || error.Contains("can't access", StringComparison.Ordinal);
        return new(isImpossible ? OfferOutcome.Impossible : OfferOutcome.NotNow, Error: error);
    }
}
