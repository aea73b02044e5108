namespace LexIntel.Progress;

/// <summary>Names to subscribe to with OpenTelemetry or any other listener.</summary>
public static class ProgressDiagnostics
{
    /// <summary>The meter of the library, <c>LexIntel.Progress</c>. No metric carries document ids.</summary>
    public const string MeterName = "LexIntel.Progress";

    /// <summary>
    /// The activity source of the library, <c>LexIntel.Progress</c>: a span <c>progress publish</c> for each call that stores and publishes
    /// updates, and a span <c>progress deliver</c> for each stream, linked with the workers whose states it delivered.
    /// </summary>
    public const string ActivitySourceName = "LexIntel.Progress";
}
