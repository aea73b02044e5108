using System.Collections.Concurrent;
using System.Net.Http.Headers;
using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Http;

/// <summary>
/// One reader's watch of a group of documents on another host: streams, and asks by plain GET while it cannot; comes back to streaming by itself.
/// </summary>
internal sealed class HttpWatch(Inbox inbox, RemoteGroup group, StreamRequest stream, StatusRequest status, ProgressClientOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int PollsAtOnce = 4;

    /// <summary>How long a question waits at the host for news. Proxies cut off what is silent for longer than half a minute.</summary>
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(20);

    /// <summary>Between two questions while each one brings news, however fast they come.</summary>
    private static readonly TimeSpan AfterNews = TimeSpan.FromSeconds(1);

    private readonly Signal _fallback = new();
    private readonly ConcurrentDictionary<Subject, EntityTagHeaderValue> _tags = new();
    private volatile bool _isLive;

    /// <summary>Cancelled when the stream is live again. Made and cancelled by whoever streams, used by whoever asks.</summary>
    private volatile CancellationTokenSource? _asking;

    private bool IsFallenBack => _asking is { IsCancellationRequested: false };

    /// <summary>Fills the inbox until nothing more will come of the group.</summary>
    /// <exception cref="ProgressRefusedException">The host refuses for good.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var wake = over.Token.UnsafeRegister(static state => ((Signal)state!).Set(), _fallback);
        Task[] both = [StreamAsync(over.Token), PollAsync(over.Token)];
        try
        {
            // Whichever hears of the end, or of a refusal, speaks for the other.
            await (await Task.WhenAny(both).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(both).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _asking?.Dispose();

    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.RetryMin, options.RetryMax);
        while (true)
        {
            _isLive = false;
            var end = await stream.SendAsync(inbox, group, OnLive, cancellationToken).ConfigureAwait(false);
            if (inbox.IsOver(group))
                return;
            if (_isLive)
                backoff.Reset();
            else
                FallBack();
            Log.StreamEnded(logger, group, end.Reason);
            await Task.Delay(backoff.Next(end.Wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _fallback.WaitAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var asking = _asking!;
            using var stop = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), asking);
            try
            {
                await PollUntilLiveAsync(asking.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It streams again. A question that waits at the host is not held there any longer.
            }
        }
    }

    private async Task PollUntilLiveAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.PollInterval, options.RetryMax > options.PollInterval ? options.RetryMax : options.PollInterval);
        var mayWait = true;
        while (true)
        {
            var started = time.GetTimestamp();
            var open = inbox.Open(group);
            // Many questions that wait would hold a connection each.
            var isLong = mayWait && open is [var (only, _)] && _tags.ContainsKey(only);
            var (unanswered, hasNews) = await AskAllAsync(open, isLong ? LongPoll : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            if (inbox.IsOver(group))
                return;
            TimeSpan pause;
            if (unanswered is not null)
            {
                // What waits counts as a stream at the host, and what cuts off streams may cut it off too: from now on without waiting.
                mayWait &= !isLong;
                pause = backoff.Next(unanswered.Wait);
            }
            else
            {
                backoff.Reset();
                pause = (hasNews && AfterNews < options.PollInterval ? AfterNews : options.PollInterval) - time.GetElapsedTime(started);
            }

            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for each document, a few at a time, until the host does not answer; returns that answer, and whether another one brought news.</summary>
    private async Task<(StatusAnswer? Unanswered, bool HasNews)> AskAllAsync(List<(Subject Subject, ProgressRevision? Last)> open, TimeSpan wait, CancellationToken cancellationToken)
    {
        StatusAnswer? unanswered = null;
        var hasNews = false;
        ParallelOptions few = new() { MaxDegreeOfParallelism = PollsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(open, few, async (document, token) =>
        {
            if (Volatile.Read(ref unanswered) is not null)
                return;
            var answer = await AskAsync(document.Subject, wait, token).ConfigureAwait(false);
            if (answer is { IsAnswered: false })
                Volatile.Write(ref unanswered, answer);
            else if (answer is { State: not null })
                Volatile.Write(ref hasNews, true);
        }).ConfigureAwait(false);
        return (unanswered, hasNews);
    }

    private async Task<StatusAnswer?> AskAsync(Subject subject, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await status.SendAsync(subject, _tags.GetValueOrDefault(subject), wait, cancellationToken).ConfigureAwait(false);
            if (answer.Tag is { } tag)
                _tags[subject] = tag;
            if (answer.State is var (fields, isRecord))
                inbox.Offer(fields, isRecord);
            return answer;
        }
        catch (ProgressRefusedException refusal)
        {
            inbox.Refuse(subject, refusal, isFresh: true);
            return null;
        }
        catch (Exception exception) when (Answers.IsTransient(exception, cancellationToken))
        {
            return new(IsAnswered: false, null, null, default, exception.Message);
        }
    }

    private void OnLive()
    {
        if (_isLive)
            return;
        _isLive = true;
        if (!IsFallenBack)
            return;
        Log.StreamsAgain(logger, group);
        _asking!.Cancel();
    }

    private void FallBack()
    {
        if (IsFallenBack)
            return;
        Log.FellBack(logger, group, options.PollInterval.TotalSeconds);
        // The one before is cancelled, and may still be looked at by whoever asked; it has no timer and no link that would have to be let go of.
        _asking = new();
        _fallback.Set();
    }
}
