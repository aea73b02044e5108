namespace LexIntel.Progress.Http;

/// <summary>Gives up an answer that is silent for too long: a connection can be dead without anybody saying so, and a proxy can hold everything back.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public Silence(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _source = new(limit, time);
        _registration = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
    }

    /// <summary>Fires when it was silent for too long, or when the caller's token does.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Something was heard.</summary>
    public void Break() => _source.CancelAfter(_limit);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
