using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LexIntel.Progress.Wire;

/// <summary>
/// Reads a state from bytes that anybody may have written. Lenient where existing publishers are (missing fields, extra fields, other
/// types), strict where a message could do harm: a state of another document, a forged revision, a known field twice.
/// </summary>
internal static class StateReader
{
    /// <summary>Stands for now where attempts were compared with a clock before: none lies after it.</summary>
    public static readonly DateTimeOffset NoClock = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads a message from a document's channel, or a stored snapshot.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="documentId">The document whose channel or key it came from.</param>
    /// <param name="now">Stands in for a missing timestamp, and tells which attempts lie in the future.</param>
    /// <param name="fields">The state.</param>
    /// <returns>Why it must be dropped, or <see cref="StateRejection.None"/>.</returns>
    public static StateRejection Read(ReadOnlySpan<byte> utf8, string documentId, DateTimeOffset now, out StateFields fields)
    {
        fields = new() { DocumentId = documentId, Status = ProgressStatus.Processing, Step = "", Message = "", Timestamp = now };
        // The reader checks UTF-8 only where it unescapes; bytes that are passed on must be checked here.
        if (!Utf8.IsValid(utf8))
            return StateRejection.NotUtf8;

        try
        {
            return ReadObject(utf8, ref fields, now);
        }
        catch (JsonException)
        {
            return StateRejection.NotJson;
        }
        catch (InvalidOperationException)
        {
            // A string with half of an escaped surrogate pair.
            return StateRejection.NotJson;
        }
    }

    private static StateRejection ReadObject(ReadOnlySpan<byte> utf8, ref StateFields fields, DateTimeOffset now)
    {
        var json = new Utf8JsonReader(utf8);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return StateRejection.NotAnObject;

        var seen = Field.None;
        var percent = double.NaN;
        var hasStatus = false;
        string? foreignError = null;
        ExtraFields extras = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = Recognize(ref json);
            var nameStart = (int)json.TokenStartIndex;
            json.Read();
            if (field == Field.None)
            {
                json.Skip();
                extras.Add(utf8[nameStart..(int)json.BytesConsumed]);
                continue;
            }

            if ((seen & field) != 0)
                return StateRejection.RepeatedField;
            seen |= field;
            switch (field)
            {
                case Field.Revision:
                    if (json.TokenType == JsonTokenType.Null)
                        break;
                    if (!TryReadRevision(ref json, now, out var revision))
                        return StateRejection.ForgedRevision;
                    fields.Revision = revision;
                    break;
                case Field.DocumentId:
                    if (!IsDocument(ref json, fields.DocumentId))
                        return StateRejection.OtherDocument;
                    break;
                case Field.Status:
                    if (json.TokenType == JsonTokenType.String)
                    {
                        hasStatus = true;
                        fields.Status = TryReadStatus(ref json, out var status) ? status : ProgressStatus.Processing;
                    }

                    break;
                case Field.Progress:
                    if (json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var number))
                        percent = number;
                    break;
                case Field.Run:
                    if (json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var run) && run > 0)
                        fields.Run = run;
                    break;
                case Field.Step:
                    fields.Step = StateLimits.Cut(Text(ref json) ?? "", StateLimits.StepLength);
                    break;
                case Field.Message:
                    fields.Message = StateLimits.Cut(Text(ref json) ?? "", StateLimits.TextLength);
                    break;
                case Field.ErrorMessage:
                    fields.ErrorMessage = CutText(ref json);
                    break;
                case Field.Error:
                    foreignError = CutText(ref json);
                    break;
                case Field.BatchId:
                    fields.BatchId = Text(ref json) is { } batch && DocumentIds.Problem(batch) is null ? batch : null;
                    break;
                case Field.Timestamp:
                    fields.Timestamp = ReadTime(ref json) ?? now;
                    break;
                case Field.Remaining:
                    fields.Remaining = ReadSeconds(ref json);
                    break;
                case Field.Steps:
                    fields.Steps = StepsReader.Read(ref json);
                    break;
                case Field.Lease:
                    fields.Lease = ReadSeconds(ref json) ?? TimeSpan.Zero;
                    break;
                case Field.Retention:
                    fields.Retention = ReadSeconds(ref json) ?? TimeSpan.Zero;
                    break;
                case Field.StalledSince:
                    fields.StalledSince = ReadTime(ref json);
                    break;
                case Field.TraceParent:
                    fields.TraceParent = Text(ref json) is { Length: StateLimits.TraceLength } trace ? trace : null;
                    break;
            }

            // A known field of an unexpected type counts as missing; what it holds is passed over.
            json.Skip();
        }

        if (json.TokenType != JsonTokenType.EndObject || json.Read())
            return StateRejection.NotJson;

        // One text for both: a host holds a state of each document that is watched.
        if (fields.Steps is [.., var running] && running.Name == fields.Step)
            fields.Step = running.Name;
        fields.ErrorMessage ??= foreignError;
        fields.Extras = extras.ToMemory();
        if (!hasStatus && percent >= 100)
            fields.Status = ProgressStatus.Completed;
        fields.LacksStep = (seen & Field.Step) == 0;
        fields.LacksPercent = double.IsNaN(percent) && fields.Status != ProgressStatus.Completed;
        fields.Percent = double.IsNaN(percent) ? (fields.Status == ProgressStatus.Completed ? 100 : 0) : Math.Clamp(percent, 0, 100);
        return StateRejection.None;
    }

    public static TimeSpan? ReadSeconds(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var seconds) && seconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;

    public static DateTimeOffset? ReadTime(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String
        && DateTimeOffset.TryParse(json.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    public static string? Text(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.String ? json.GetString() : null;

    public static bool TryReadStatus(ref Utf8JsonReader json, out ProgressStatus status)
    {
        Span<byte> text = stackalloc byte[16];
        status = default;
        return json.ValueSpan.Length <= text.Length && StatusNames.TryParse(text[..json.CopyString(text)], out status);
    }

    private static string? CutText(ref Utf8JsonReader json) => Text(ref json) is { } text ? StateLimits.Cut(text, StateLimits.TextLength) : null;

    private static bool IsDocument(ref Utf8JsonReader json, string documentId) => json.TokenType switch
    {
        JsonTokenType.String => json.ValueTextEquals(documentId),
        // Publishers whose ids are integers write them as such.
        JsonTokenType.Number => json.ValueSpan.SequenceEqual(Encoding.UTF8.GetBytes(documentId)),
        JsonTokenType.Null => true,
        _ => false,
    };

    internal static bool TryReadRevision(ref Utf8JsonReader json, DateTimeOffset now, out ProgressRevision revision)
    {
        revision = default;
        return json.TokenType == JsonTokenType.String && !json.ValueIsEscaped
            && ProgressRevision.TryParse(json.ValueSpan, null, out revision)
            && revision.Attempt <= (now + StateLimits.FutureAttempt).ToUnixTimeMilliseconds();
    }

    private static Field Recognize(ref Utf8JsonReader json)
    {
        foreach (var (name, field) in Known)
        {
            if (json.ValueTextEquals(name))
                return field;
        }

        return Field.None;
    }

    [Flags]
    private enum Field
    {
        None = 0,
        Revision = 1,
        DocumentId = 1 << 1,
        Status = 1 << 2,
        Step = 1 << 3,
        Progress = 1 << 4,
        Message = 1 << 5,
        Timestamp = 1 << 6,
        ErrorMessage = 1 << 7,
        Error = 1 << 8,
        Run = 1 << 9,
        Remaining = 1 << 10,
        BatchId = 1 << 11,
        Steps = 1 << 12,
        Lease = 1 << 13,
        Retention = 1 << 14,
        StalledSince = 1 << 15,
        TraceParent = 1 << 16,
        Event = 1 << 17,
    }

    private static readonly (byte[] Name, Field Field)[] Known =
    [
        ("revision"u8.ToArray(), Field.Revision),
        ("run"u8.ToArray(), Field.Run),
        ("status"u8.ToArray(), Field.Status),
        ("document_id"u8.ToArray(), Field.DocumentId),
        ("step"u8.ToArray(), Field.Step),
        ("progress"u8.ToArray(), Field.Progress),
        ("message"u8.ToArray(), Field.Message),
        ("timestamp"u8.ToArray(), Field.Timestamp),
        ("error_message"u8.ToArray(), Field.ErrorMessage),
        ("error"u8.ToArray(), Field.Error),
        ("remaining_seconds"u8.ToArray(), Field.Remaining),
        ("batch_id"u8.ToArray(), Field.BatchId),
        ("steps"u8.ToArray(), Field.Steps),
        ("lease_seconds"u8.ToArray(), Field.Lease),
        ("retention_seconds"u8.ToArray(), Field.Retention),
        ("stalled_since"u8.ToArray(), Field.StalledSince),
        ("traceparent"u8.ToArray(), Field.TraceParent),
        // Known so that it is not passed on: on a WebSocket it says that a message is not a state.
        ("event"u8.ToArray(), Field.Event),
    ];
}
