namespace LexIntel.Progress;

/// <summary>Names to subscribe to with OpenTelemetry or any other listener.</summary>
public static class ProgressDiagnostics
{
    /// <summary>The meter of the library, <c>LexIntel.Progress</c>. No metric carries document ids.</summary>
    public const string MeterName = "LexIntel.Progress";
}
