using System.Text.Json.Serialization;

namespace ReactDashboard.Uploads;

/// <summary>One document of a batch: announced first, then sent, then worked on.</summary>
#pragma warning disable CA1001 // The source has no timer and no link: there is nothing to let go of.
internal sealed class Document(string batchId, string name, long size, bool isAccepted)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancellation = new();
    private int _isTaken;

    public string Id { get; } = Guid.NewGuid().ToString();

    public string Name { get; } = name;

    public long Size { get; } = size;

    /// <summary>Whether its file is wanted: one that is too large has failed before it is sent.</summary>
    public bool IsAccepted { get; } = isAccepted;

    [JsonIgnore]
    public string BatchId { get; } = batchId;

    /// <summary>Fires when the user does not want it any more.</summary>
    [JsonIgnore]
    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>True for the first who asks: a file that is sent twice, because the first answer was lost, is worked on once.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void Cancel() => _cancellation.Cancel();
}
