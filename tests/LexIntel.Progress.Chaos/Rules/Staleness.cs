using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>A time in which a connected reader held something older than what another had seen.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Held">What it held; <see langword="null"/>: nothing.</param>
/// <param name="Since">When the first newer state was seen by anybody, or the reader connected.</param>
/// <param name="Until">When it got a newer one, or left.</param>
/// <param name="Arrived">Whether it got one.</param>
internal sealed record Staleness(ReaderLog Reader, ProgressRevision? Held, double Since, double Until, bool Arrived)
{
    public double Took => Until - Since;

    public static IEnumerable<Staleness> Of(History history) => history.Documents.SelectMany(readers => Of(history, [.. readers]));

    private static IEnumerable<Staleness> Of(History history, IReadOnlyList<ReaderLog> readers)
    {
        var firstSeen = readers.SelectMany(reader => reader.States)
            .GroupBy(seen => seen.State!.Revision).Select(seen => (Revision: seen.Key, At: seen.Min(one => one.At))).OrderBy(seen => seen.Revision).ToArray();
        var revisions = Array.ConvertAll(firstSeen, seen => seen.Revision);
        var newerSince = new double[firstSeen.Length + 1];
        newerSince[^1] = double.PositiveInfinity;
        for (var i = firstSeen.Length - 1; i >= 0; i--)
            newerSince[i] = Math.Min(firstSeen[i].At, newerSince[i + 1]);

        foreach (var reader in readers)
        {
            ProgressRevision? held = null;
            double? finishedSince = null;
            foreach (var connection in reader.Connections)
            {
                var since = connection.First().At;
                var isOver = false;
                foreach (var seen in connection.Where(seen => seen.Kind is not (ReaderEventKind.Opened or ReaderEventKind.Named)))
                {
                    // Told that there is nothing more: as good as connected, since the first time it was told.
                    if (seen.Kind == ReaderEventKind.NoContent && finishedSince is { } finished)
                        since = Math.Min(since, finished);
                    if (!isOver && Delay(seen.At, seen.Kind == ReaderEventKind.State) is { } delay)
                        yield return delay;
                    if (seen.Kind == ReaderEventKind.NoContent)
                        finishedSince ??= seen.At;
                    isOver |= seen.Kind != ReaderEventKind.State || seen.State!.IsTerminal;
                    if (seen.Kind == ReaderEventKind.State)
                        (held, since, finishedSince) = (seen.State!.Revision, seen.At, null);
                }

                if (!isOver && Delay(history.EndedAt, arrived: false) is { } last)
                    yield return last;

                Staleness? Delay(double until, bool arrived)
                {
                    var index = held is { } revision ? Array.BinarySearch(revisions, revision) + 1 : 0;
                    var began = Math.Max(since, newerSince[Math.Max(0, index)]);
                    return began < until ? new(reader, held, began, until, arrived) : null;
                }
            }
        }
    }
}
