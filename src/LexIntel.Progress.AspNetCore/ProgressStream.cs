using System.IO.Pipelines;
using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>One client's stream of one document: empties a mailbox into a response until the document is finished, the client leaves or the host stops.</summary>
internal sealed class ProgressStream(HttpContext context, Mailbox mailbox, Watch watch, LastEventId lastEventId, ProgressHub hub, OpenStreams streams, ProgressStreamOptions options, TimeProvider time)
{
    private readonly PipeWriter _output = context.Response.BodyWriter;
    private long _wroteAt = time.GetTimestamp();
    private bool _hasWritten;
    private bool _hasGreeted;
    private bool _isStalled;
    private bool _isDegraded;

    /// <summary>Makes the stream look at everything.</summary>
    public void Wake() => mailbox.Wake();

    public void WakeWhenSilent()
    {
        if (IsSilent)
            mailbox.Wake();
    }

    private bool IsSilent => time.GetElapsedTime(Volatile.Read(ref _wroteAt)) >= options.HeartbeatInterval;

    public async Task RunAsync()
    {
        using var leave = context.RequestAborted.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
        streams.Add(this);
        try
        {
            if (!watch.Topic.Opened.IsCompleted)
                _ = watch.Topic.Opened.ContinueWith(static (_, state) => ((Mailbox)state!).Wake(), mailbox, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Write(SseFrames.Retry(RandomBetween(options.RetryMin, options.RetryMax)));
            while (!context.RequestAborted.IsCancellationRequested)
            {
                var isOver = WriteNews();
                if (!await FlushAsync().ConfigureAwait(false) || isOver)
                    return;
                await mailbox.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            streams.Remove(this);
        }
    }

    /// <summary>Writes whatever there is to say. <see langword="true"/> when it was the last.</summary>
    private bool WriteNews()
    {
        if (streams.Stopping.IsCancellationRequested)
        {
            WriteBye();
            return true;
        }

        while (mailbox.TryTake(out var delivery))
        {
            _hasGreeted = true;
            WriteEvent(SseFrames.State(delivery.State, delivery.Full));
            if (delivery.State.IsTerminal)
                return WriteEnd();
        }

        // The client has the end already, and was cut off before it learned that it was the end.
        if (!_hasWritten && watch.IsFinished)
            return WriteEnd();

        WriteObserved();
        WriteGreeting();
        if (!_hasWritten || IsSilent)
            WriteEvent(SseFrames.Heartbeat);
        return false;
    }

    /// <summary>"Connected" is said when it is true: the document is subscribed and nothing is known, so whatever is published now will come.</summary>
    private void WriteGreeting()
    {
        if (_hasGreeted || !watch.Topic.Opened.IsCompleted)
            return;
        _hasGreeted = true;
        if (watch.Topic.Current is null && !lastEventId.IsPresent)
            WriteEvent(SseFrames.Connected(watch.Topic.DocumentId, time.GetUtcNow()));
    }

    /// <summary>Says what has changed of what this side observes: whether the worker is alive, and whether the backplane can be read.</summary>
    private void WriteObserved()
    {
        var degradation = hub.Degradation;
        if (degradation is not null != _isDegraded)
        {
            _isDegraded = !_isDegraded;
            WriteEvent(degradation is not null ? SseFrames.Degraded(degradation) : SseFrames.Recovered());
        }

        var stalledSince = watch.Topic.StalledSince;
        if (stalledSince is not null != _isStalled)
        {
            _isStalled = !_isStalled;
            WriteEvent(stalledSince is { } since ? SseFrames.Stalled(since) : SseFrames.Resumed());
        }
    }

    private bool WriteEnd()
    {
        Write(SseFrames.End(watch.Last));
        return true;
    }

    private void WriteBye()
    {
        Write(SseFrames.Retry(RandomBetween(options.RetryMin, options.DrainRetryMax)));
        Write(SseFrames.Bye("shutdown"));
    }

    private void WriteEvent(byte[] frame)
    {
        _hasWritten = true;
        Write(frame);
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_output.GetSpan(frame.Length));
        _output.Advance(frame.Length);
        Volatile.Write(ref _wroteAt, time.GetTimestamp());
    }

    /// <summary>Hands the bytes to the socket; waits while the client does not read. <see langword="false"/> when there is nobody to read.</summary>
    private async ValueTask<bool> FlushAsync()
    {
        try
        {
            // A client that does not read must not hold up the host's end.
            var flush = _output.FlushAsync(streams.Stopping.IsCancellationRequested ? CancellationToken.None : streams.Stopping);
            return !(await flush.ConfigureAwait(false)).IsCompleted;
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return false;
        }
    }

    private static TimeSpan RandomBetween(TimeSpan least, TimeSpan most) => least + ((most - least) * Random.Shared.NextDouble());
}
