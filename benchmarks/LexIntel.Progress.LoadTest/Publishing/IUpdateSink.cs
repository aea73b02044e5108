namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>How one kind of worker tells its progress. Called by one thread; it must not wait for the network.</summary>
internal interface IUpdateSink
{
    void Publish(int document, string message);

    /// <summary>Waits until everything is stored or sent.</summary>
    Task FlushAsync();
}
