using System.Buffers;
using System.IO.Compression;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace DocumentPipeline.Reading;

/// <summary>
/// The filters of PdfPig, with a limit on all that one document unpacks: a few kilobytes of a PDF's compressed stream can stand for
/// gigabytes, and the library would unpack them into memory.
/// </summary>
internal sealed class CountingFilters(long limit) : IFilterProvider
{
    private const int ZlibHeader = 2;
    private readonly IFilterProvider _inner = DefaultFilterProvider.Instance;
    private long _left = limit;

    public bool IsExceeded => Volatile.Read(ref _left) < 0;

    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Wrap(_inner.GetFilters(dictionary));

    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Wrap(_inner.GetNamedFilters(names));

    public IReadOnlyList<IFilter> GetAllFilters() => Wrap(_inner.GetAllFilters());

    private IFilter[] Wrap(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new CountingFilter(filter, this))];

    private void Take(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) < 0)
            throw new InvalidDataException("The document unpacks to more than is allowed.");
    }

    private sealed class CountingFilter(IFilter inner, CountingFilters owner) : IFilter
    {
        public bool IsSupported => inner.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            // Flate packs up to a thousandfold, so it is unpacked into nothing first. The others pack less, and are counted afterwards; when
            // there is nothing left already, they are not asked any more.
            if (inner is FlateFilter)
                CountFlate(input.Span);
            else
                owner.Take(0);
            var output = inner.Decode(input, streamDictionary, filterProvider, filterIndex);
            if (inner is not FlateFilter)
                owner.Take(output.Length);
            return output;
        }

        private void CountFlate(ReadOnlySpan<byte> input)
        {
            if (input.Length <= ZlibHeader)
                return;
            using var packed = new MemoryStream(input[ZlibHeader..].ToArray(), writable: false);
            using var unpacked = new DeflateStream(packed, CompressionMode.Decompress);
            var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
            try
            {
                while (unpacked.Read(buffer) is > 0 and var count)
                    owner.Take(count);
            }
            catch (InvalidDataException) when (!owner.IsExceeded)
            {
                // Damaged: the library finds that out as well, and recovers what it can.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
