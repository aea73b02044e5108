using DocumentPipeline.Storage;
using LexIntel.Progress;

namespace DocumentPipeline.Api;

/// <summary>A document as the page shows it: the fields of a progress state under the names they have on the wire, and what the database knows besides.</summary>
internal sealed record DocumentView(
    string Id, string FileName, string Kind, long Size, string Status, string Step, double Progress, string Message, string? ErrorMessage,
    double? RemainingSeconds, int Run, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int Pages, int Chunks)
{
    /// <param name="document">What the database says.</param>
    /// <param name="live">What is known of the progress; <see langword="null"/> for documents that are done.</param>
    public static DocumentView Of(DocumentRecord document, ProgressSnapshot? live)
    {
        var state = live ?? DocumentSnapshotSource.Snapshot(document);
        return new(
            document.Id, document.FileName, Word(document.Kind), document.Size, Word(state.Status), state.Step, Math.Round(state.Percent, 1),
            state.Message, state.ErrorMessage, state.Remaining?.TotalSeconds, state.Run, document.CreatedAt, document.StartedAt,
            document.FinishedAt, document.Pages, document.Chunks);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
