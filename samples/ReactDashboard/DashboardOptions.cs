namespace ReactDashboard;

/// <summary>Settings of the sample, from section <c>Dashboard</c>.</summary>
internal sealed class DashboardOptions
{
    public const string SectionName = "Dashboard";

    /// <summary>How long each of the 40 pieces of a document is held up. Default: 100 milliseconds, because counting words is done before anybody sees it; zero: not at all.</summary>
    public TimeSpan PieceDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many documents are worked on at once. Default: 3.</summary>
    public int Parallelism { get; set; } = 3;

    /// <summary>How large a document may be, in bytes. Default: 5,000,000.</summary>
    public long MaxBytes { get; set; } = 5_000_000;
}
