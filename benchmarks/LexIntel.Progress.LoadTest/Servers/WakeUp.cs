using System.Threading.Tasks.Sources;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>Wakes one waiter, without allocating; what a floor needs and no more.</summary>
internal sealed class WakeUp : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private bool _isSet;
    private bool _isAwaited;

    public void Set()
    {
        lock (this)
        {
            (_isSet, var wasAwaited) = (!_isAwaited, _isAwaited);
            _isAwaited = false;
            if (!wasAwaited)
                return;
        }

        _source.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        lock (this)
        {
            if (_isSet)
            {
                _isSet = false;
                return ValueTask.CompletedTask;
            }

            _source.Reset();
            _isAwaited = true;
            return new ValueTask(this, _source.Version);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
