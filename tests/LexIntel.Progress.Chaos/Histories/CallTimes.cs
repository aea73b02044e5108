using System.Globalization;
using System.Numerics;

namespace LexIntel.Progress.Chaos.Histories;

/// <summary>How long calls took, in buckets of an eighth of a power of two of nanoseconds.</summary>
internal sealed class CallTimes
{
    private readonly long[] _buckets = new long[64 * 8];

    public double Longest { get; private set; }

    public long Count => _buckets.Sum();

    public void Add(TimeSpan took)
    {
        var nanoseconds = (ulong)Math.Max(8, took.TotalNanoseconds);
        var power = BitOperations.Log2(nanoseconds);
        Interlocked.Increment(ref _buckets[(power * 8) + (int)((nanoseconds >> (power - 3)) & 7)]);
        Longest = Math.Max(Longest, took.TotalMilliseconds);
    }

    /// <summary>The upper bound, in milliseconds, of that part of all calls.</summary>
    public double Quantile(double part)
    {
        var left = (long)Math.Ceiling(Count * part);
        for (var i = 0; i < _buckets.Length; i++)
        {
            if ((left -= _buckets[i]) <= 0)
                return Math.Pow(2, i / 8) * (1 + ((i % 8) + 1) / 8.0) / 1e6;
        }

        return Longest;
    }

    public void Add(CallTimes other)
    {
        for (var i = 0; i < _buckets.Length; i++)
            _buckets[i] += other._buckets[i];
        Longest = Math.Max(Longest, other.Longest);
    }

    public override string ToString() => string.Join(' ', _buckets.Index().Where(bucket => bucket.Item > 0)
        .Select(bucket => string.Create(CultureInfo.InvariantCulture, $"{bucket.Index}:{bucket.Item}")));

    public static CallTimes Parse(string text, double longest)
    {
        var times = new CallTimes { Longest = longest };
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            times._buckets[int.Parse(pair.AsSpan(0, colon), CultureInfo.InvariantCulture)] = long.Parse(pair.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        }

        return times;
    }
}
