using System.Globalization;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A state as existing workers write it.</summary>
internal static class PlainState
{
    public static string Json(string documentId, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"document_id":"{{documentId}}","status":"processing","step":"extraction","progress":45.3,"message":"{{message}}","timestamp":"{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"}""");
}
