namespace LexIntel.Progress.Backplane;

/// <summary>One subscription; disposed, it delivers nothing more.</summary>
internal interface ISubscription : IAsyncDisposable
{
    /// <summary>From now on messages come in the order in which they were sent. Without, those that carry no revision to be sorted by may overtake each other.</summary>
    void KeepOrder();
}
