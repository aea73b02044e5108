using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LexIntel.Progress.Wire;

/// <summary>Writes states as JSON, one line, short (a live update) or full (with the steps).</summary>
internal static class StateWriter
{
    public static readonly JsonWriterOptions Options = new()
    {
        // The receiver is a JSON parser, never a browser's HTML parser; escaping what is not ASCII would triple the bytes of most languages.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    [ThreadStatic]
    private static Utf8JsonWriter? _cached;

    /// <summary>Writes a state for readers.</summary>
    public static void Write(IBufferWriter<byte> output, in StateFields fields, bool full) => Write(output, fields, fields.Revision, full, stored: false);

    /// <summary>Writes a state for the store. Revision, run and status come first, so that the store can read them from the beginning of the value.</summary>
    public static void WriteStored(IBufferWriter<byte> output, in StateFields fields, ProgressRevision revision, bool full) =>
        Write(output, fields, revision, full, stored: true);

    private static void Write(IBufferWriter<byte> output, in StateFields fields, ProgressRevision? revision, bool full, bool stored)
    {
        var json = _cached ??= new Utf8JsonWriter(output, Options);
        json.Reset(output);
        json.WriteStartObject();
        WriteRevision(json, revision);
        if (fields.Run > 1)
            json.WriteNumber("run"u8, fields.Run);
        json.WriteString("status"u8, StatusNames.Name(fields.Status));
        json.WriteString("document_id"u8, fields.DocumentId);
        json.WriteString("step"u8, fields.Step);
        json.WriteNumber("progress"u8, Shown(fields.Percent, fields.Status));
        json.WriteString("message"u8, fields.Message);
        WriteTime(json, "timestamp"u8, fields.Timestamp);
        if (fields.ErrorMessage is { } error)
            json.WriteString("error_message"u8, error);
        if (fields.Remaining is { } remaining)
            json.WriteNumber("remaining_seconds"u8, Math.Ceiling(Math.Max(remaining.TotalSeconds, 0)));
        if (fields.BatchId is { } batch)
            json.WriteString("batch_id"u8, batch);
        // An empty list is stored too: it tells readers that this is the full form, which says that no job holds a lease any more.
        if (full && fields.Steps is { } steps && (stored || steps.Count > 0))
            WriteSteps(json, steps);
        if (full && fields.StalledSince is { } stalled)
            WriteTime(json, "stalled_since"u8, stalled);
        if (full && stored && fields.Lease > TimeSpan.Zero)
        {
            json.WriteNumber("lease_seconds"u8, fields.Lease.TotalSeconds);
            json.WriteNumber("retention_seconds"u8, fields.Retention.TotalSeconds);
        }

        if (full && stored && fields.TraceParent is { } trace)
            json.WriteString("traceparent"u8, trace);

        if (fields.Extras.IsEmpty)
        {
            json.WriteEndObject();
            json.Flush();
        }
        else
        {
            json.Flush();
            output.Write(","u8);
            output.Write(fields.Extras.Span);
            output.Write("}"u8);
        }
    }

    /// <summary>The percentage as clients see it: one decimal, and not 100 before the end.</summary>
    public static double Shown(double percent, ProgressStatus status)
    {
        // Not a number, as zero pages of zero are, is no number in JSON either.
        var rounded = double.IsNaN(percent) ? 0 : Math.Round(Math.Clamp(percent, 0, 100), 1, MidpointRounding.AwayFromZero);
        return status.IsTerminal ? rounded : Math.Min(rounded, StateLimits.UnfinishedPercent);
    }

    internal static void WriteRevision(Utf8JsonWriter json, ProgressRevision? revision)
    {
        if (revision is not { } present)
            return;
        Span<byte> text = stackalloc byte[ProgressRevision.MaxLength];
        present.TryFormat(text, out var written, default, null);
        json.WriteString("revision"u8, text[..written]);
    }

    /// <summary>A time as it is written everywhere.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteSteps(Utf8JsonWriter json, IReadOnlyList<ProgressStep> steps)
    {
        json.WriteStartArray("steps"u8);
        for (var i = Math.Max(0, steps.Count - StateLimits.Steps); i < steps.Count; i++)
        {
            var step = steps[i];
            json.WriteStartObject();
            json.WriteString("name"u8, step.Name);
            json.WriteString("status"u8, StatusNames.Name(step.Status));
            WriteTime(json, "started"u8, step.Started);
            if (step.Duration is { } duration)
                json.WriteNumber("seconds"u8, Math.Round(duration.TotalSeconds, 1));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out var written, TimeFormat, System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }
}
