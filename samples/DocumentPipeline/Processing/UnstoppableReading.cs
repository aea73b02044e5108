using DocumentPipeline.Reading;

namespace DocumentPipeline.Processing;

/// <summary>
/// Calls libraries that cannot be cancelled. When the token fires the caller goes on at once, so that a file on which a parser hangs
/// costs its document, not its worker's slot; the call is left alone, and what it has open is closed when it returns.
/// </summary>
internal sealed class UnstoppableReading : IDisposable
{
    private Task _running = Task.CompletedTask;

    /// <summary>What to close at the end.</summary>
    public IPagedText? Text { get; set; }

    public async Task<T> RunAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var running = Task.Run(read, CancellationToken.None);
        _running = running;
        return await running.WaitAsync(cancellationToken);
    }

    public void Dispose() => _ = _running.ContinueWith(
        (running, text) =>
        {
            // Looked at, so that nobody reports it as unobserved.
            _ = running.Exception;
            var opened = running is Task<IPagedText> { IsCompletedSuccessfully: true } opening ? opening.Result : null;
            (text as IPagedText ?? opened)?.Dispose();
        },
        Text, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
