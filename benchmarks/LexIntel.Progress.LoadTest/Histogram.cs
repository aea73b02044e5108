using System.Numerics;

namespace LexIntel.Progress.LoadTest;

/// <summary>Counts of durations in nanoseconds, in buckets 1.6 % wide, from below a microsecond to hours.</summary>
internal sealed class Histogram
{
    private const int BucketBits = 6;
    private const int BucketsPerPower = 1 << BucketBits;

    /// <summary>Counts by bucket; the arrays of several processes add up.</summary>
    public long[] Counts { get; init; } = new long[48 * BucketsPerPower];

    public long Total => Counts.Sum();

    public void Add(long nanoseconds, int count = 1) => Counts[Bucket(Math.Max(nanoseconds, 1))] += count;

    public void Add(Histogram other)
    {
        for (var i = 0; i < Counts.Length; i++)
            Counts[i] += other.Counts[i];
    }

    public void Clear() => Array.Clear(Counts);

    /// <summary>The value that the given part of all values does not exceed, in milliseconds; NaN when there is none.</summary>
    public double Quantile(double part)
    {
        var rest = (long)Math.Ceiling(Total * part);
        if (rest == 0)
            return double.NaN;
        for (var i = 0; i < Counts.Length; i++)
        {
            rest -= Counts[i];
            if (rest <= 0)
                return Middle(i) / 1e6;
        }

        return double.NaN;
    }

    private static int Bucket(long value)
    {
        var power = BitOperations.Log2((ulong)value);
        if (power < BucketBits)
            return (int)value;
        return Math.Min(((power - BucketBits + 1) << BucketBits) + (int)((value >> (power - BucketBits)) & (BucketsPerPower - 1)), (48 * BucketsPerPower) - 1);
    }

    private static double Middle(int bucket)
    {
        if (bucket < BucketsPerPower)
            return bucket;
        var power = (bucket >> BucketBits) - 1 + BucketBits;
        var width = 1L << (power - BucketBits);
        return (1L << power) + ((bucket & (BucketsPerPower - 1)) * width) + (width / 2.0);
    }
}
