using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>G3: a stream ends with one terminal state and then the end id, never without; and the end that stands is the one everybody was told.</summary>
internal static class EndArrives
{
    public static IEnumerable<Violation> Check(History history) => history.Readers.SelectMany(reader => Check(history, reader));

    private static IEnumerable<Violation> Check(History history, ReaderLog reader)
    {
        SeenState? held = null;
        var lastId = "";
        foreach (var connection in reader.Connections)
        {
            SeenState? terminal = null;
            var hasEnded = false;
            foreach (var seen in connection.Where(seen => seen.At <= history.EndedAt))
            {
                switch (seen.Kind)
                {
                    case ReaderEventKind.State:
                        if (terminal is not null || hasEnded)
                            yield return new("G3", reader.Document, Text($"{reader} saw {seen.State!.Revision} ({seen.State.Status}) at {seen.At:F0} after the terminal {terminal?.Revision} on connection {seen.Connection}."));
                        held = seen.State!;
                        terminal = held.IsTerminal ? held : terminal;
                        break;
                    case ReaderEventKind.End:
                        if (held is not { IsTerminal: true })
                            yield return new("G3", reader.Document, Text($"{reader} was told the end at {seen.At:F0} (id {seen.Detail}), but had seen no terminal state of attempt {held?.Revision.Attempt} ({held?.Status})."));
                        hasEnded = true;
                        lastId = seen.Detail;
                        break;
                    case ReaderEventKind.Closed when !hasEnded:
                        yield return new("G3", reader.Document, Text($"Connection {seen.Connection} of {reader} was closed at {seen.At:F0} without an end."));
                        break;
                }
            }

            if (terminal is not null && !hasEnded)
                yield return new("G3", reader.Document, $"{reader} saw the terminal {terminal.Revision} on connection {connection.Key} and was not told that it was the end.");
        }

        if (history.Stored.TryGetValue(reader.Document, out var stored) && stored.IsTerminal && held?.Revision == stored.Revision && lastId != $"{stored.Revision}-end")
            yield return new("G3", reader.Document, $"{reader} was told the end '{lastId}', stored is the end {stored.Revision}.");
    }
}
