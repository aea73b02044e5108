using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Documents or batches that a client wants to watch, as JSON: <c>{"a":"1764000000000-17","b":null}</c>, each with the newest revision it has.</summary>
internal static class WatchList
{
    // An id of 256 bytes of UTF-8 takes six times as many in JSON where each character is escaped (RFC 8259, section 7). The rest is for a revision.
    private const int BytesPerDocument = 1_600;

    /// <summary>How large a message may be that names so many documents.</summary>
    public static int BytesFor(int documents) => 1_024 + (BytesPerDocument * documents);

    /// <summary>Reads the object the reader stands before. A revision that is junk counts as none, as it does in <c>Last-Event-ID</c>.</summary>
    /// <returns>What is wrong with it, as a sentence for the caller; <see langword="null"/> when nothing is.</returns>
    public static string? Read(ref Utf8JsonReader json, Dictionary<Subject, ProgressRevision?> subjects, bool isBatch, int most, DateTimeOffset now)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return $"The {(isBatch ? "batches" : "documents")} are not a JSON object. Write them as {{\"<id>\": \"<revision or null>\", …}}.";
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var subject = new Subject(json.GetString()!, isBatch);
            if (DocumentIds.Problem(subject.Id, isBatch ? "batch id" : "document id") is { } problem)
                return problem;
            json.Read();
            if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                return $"The revision of {subject} is neither a string nor null. Send the revision of the newest state you have, or null.";
            subjects[subject] = LastEventId.Parse(json.GetString(), now).Revision;
            if (subjects.Count > most)
                return TooMany(subjects.Count, most);
        }

        return null;
    }

    public static string TooMany(int count, int most) => string.Create(CultureInfo.InvariantCulture,
        $"{count:N0} documents or more are named, {most:N0} are allowed on one stream. Open several streams, or let the host raise {ProgressOptions.SectionName}:{nameof(ProgressStreamOptions.MaxDocumentsPerStream)}.");
}
