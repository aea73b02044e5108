using System.Buffers.Binary;
using System.Text;

namespace DocumentPipeline.Processing;

/// <summary>
/// Feature hashing ("the hashing trick"), not a model: each word and each pair of neighbouring words is hashed to one of 256 places and
/// a sign, and counted there. Texts that share words get similar vectors; meaning is not understood. It needs no download and gives the
/// same vectors everywhere, which is all that a sample of progress needs.
/// </summary>
internal static class FeatureHash
{
    public const int Dimensions = 256;

    /// <summary>The vector, of length 1, as 256 floats, little endian.</summary>
    public static byte[] Embed(string text)
    {
        Span<float> vector = stackalloc float[Dimensions];
        var previous = 0UL;
        foreach (var word in Words(text))
        {
            var hash = Hash(word);
            Count(vector, hash);
            if (previous != 0)
                Count(vector, unchecked((previous * 31) ^ hash));
            previous = hash;
        }

        var length = 0.0;
        foreach (var value in vector)
            length += value * value;
        length = Math.Sqrt(length);

        var bytes = new byte[Dimensions * sizeof(float)];
        for (var i = 0; i < Dimensions; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), length > 0 ? (float)(vector[i] / length) : 0);
        return bytes;
    }

    private static void Count(Span<float> vector, ulong hash)
    {
        // FNV mixes its low bits badly; the high half decides sign and place together with it.
        var mixed = hash ^ (hash >> 32);
        vector[(int)(mixed % Dimensions)] += (hash >> 63) == 0 ? 1 : -1;
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    /// <summary>FNV-1a, 64 bits: unlike string.GetHashCode it is the same in every process.</summary>
    private static ulong Hash(string word)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in word)
            hash = unchecked((hash ^ c) * 1099511628211UL);
        return hash;
    }
}
