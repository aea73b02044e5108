using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The keys of one round trip, in arrays that are used again for the next. A call that was given up may still be under way and read them,
/// so they are used again only after its answer. Not thread-safe.
/// </summary>
internal sealed class RedisKeys
{
    private byte[][] _names = [];
    private RedisKey[] _keys = [];
    private RedisKeyOrValue[] _words = [];

    /// <summary>Begins a round trip about so many documents and batches.</summary>
    public void Begin(int count)
    {
        Count = count;
        if (_keys.Length >= count)
            return;
        var known = _names.Length;
        Array.Resize(ref _names, count);
        _names.AsSpan(known).Fill([]);
        Array.Resize(ref _keys, count);
        Array.Resize(ref _words, count);
    }

    public int Count { get; private set; }

    public RedisKey this[int index] => _keys[index];

    public ReadOnlySpan<RedisKey> All => _keys.AsSpan(0, Count);

    /// <summary>Names one of them. Most ids are of one length, so that the bytes of its name fit where those of another were.</summary>
    public void Name(int index, string prefix, Subject subject)
    {
        var length = RedisNames.ByteCount(prefix, subject);
        if (_names[index].Length != length)
            _names[index] = new byte[length];
        RedisNames.Write(prefix, subject, _names[index]);
        _words[index] = _keys[index] = _names[index];
    }

    /// <summary>One of them, to be sent as a value.</summary>
    public RedisValue Value(int index) => _names[index];

    /// <summary>Some of them, for commands that are sent by their name.</summary>
    public ReadOnlyMemory<RedisKeyOrValue> WordsOf(Range run) => _words.AsMemory(run);
}
