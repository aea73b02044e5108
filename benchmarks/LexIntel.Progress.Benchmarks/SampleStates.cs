using System.Buffers;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Benchmarks;

/// <summary>States of the usual size: about 220 bytes short, 500 with their steps.</summary>
internal static class SampleStates
{
    public const string DocumentId = "8f14e45f-ceea-467a-9575-000000000042";

    private static readonly DateTimeOffset Started = new(2026, 1, 3, 10, 30, 45, TimeSpan.Zero);

    public static StateFields Fields { get; } = new()
    {
        DocumentId = DocumentId,
        Revision = new(1_764_000_000_000, 100_000_000),
        Status = ProgressStatus.Processing,
        Step = "extraction",
        Percent = 45.3,
        Message = "Extracting page 12 of 300",
        Timestamp = Started.AddSeconds(30),
        Remaining = TimeSpan.FromSeconds(41),
        Steps =
        [
            new("upload", ProgressStatus.Completed, Started, TimeSpan.FromSeconds(2)),
            new("extraction", ProgressStatus.Processing, Started.AddSeconds(2)),
        ],
    };

    public static byte[] Json(bool full)
    {
        var output = new ArrayBufferWriter<byte>(1_024);
        StateWriter.Write(output, Fields, full);
        return output.WrittenSpan.ToArray();
    }
}
