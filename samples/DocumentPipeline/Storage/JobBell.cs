namespace DocumentPipeline.Storage;

/// <summary>Wakes a worker of this process for a new job; workers of other processes find it when they look next.</summary>
internal sealed class JobBell : IDisposable
{
    private readonly SemaphoreSlim _rings = new(0);

    public void Ring() => _rings.Release();

    public Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => _rings.WaitAsync(limit, cancellationToken);

    public void Dispose() => _rings.Dispose();
}
