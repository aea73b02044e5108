using System.Diagnostics.CodeAnalysis;

namespace LexIntel.Progress;

/// <summary>Goes round through what changes meanwhile, each time on from where it stopped. Not thread-safe.</summary>
/// <param name="all">What is walked through, as often as it is asked for.</param>
internal sealed class Walk<T>(IEnumerable<T> all)
{
    private IEnumerator<T> _place = Enumerable.Empty<T>().GetEnumerator();

    /// <summary>The next one, and after the last the first again. <see langword="false"/> when there is none.</summary>
    public bool TryNext([MaybeNullWhen(false)] out T next)
    {
        var isThere = _place.MoveNext();
        if (!isThere)
        {
            _place = all.GetEnumerator();
            isThere = _place.MoveNext();
        }

        next = isThere ? _place.Current : default;
        return isThere;
    }
}
