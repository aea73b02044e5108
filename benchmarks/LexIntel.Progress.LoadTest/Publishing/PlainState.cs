using System.Globalization;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A state as existing workers write it.</summary>
internal static class PlainState
{
    private const double Percent = 45.3;

    public static string Json(string documentId, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"document_id":"{{documentId}}","status":"processing","step":"extraction","progress":{{Percent}},"message":"{{message}}","timestamp":"{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"}""");

    /// <summary>The same, field by field.</summary>
    public static (string Name, object Value)[] Fields(string documentId, string message) =>
    [
        ("document_id", documentId), ("status", "processing"), ("step", "extraction"), ("progress", Percent), ("message", message),
        ("timestamp", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
    ];
}
