namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>How one kind of worker tells its progress. Called by one thread; it must not wait for the network.</summary>
internal interface IUpdateSink
{
    void Publish(int document, string message);

    /// <summary>Waits until everything is stored or sent.</summary>
    Task FlushAsync();

    /// <summary>Waits until so many updates are stored or sent since the last flush. Where that can be seen from outside, nothing is asked of the worker.</summary>
    Task WaitForAsync(long updates) => FlushAsync();
}
