using System.Collections.Concurrent;
using System.Net.Http.Headers;
using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Http;

/// <summary>
/// One reader's watch of a group of documents on another host: streams, and asks by plain GET while it cannot; comes back to streaming by itself.
/// </summary>
internal sealed class HttpWatch(Inbox inbox, RemoteGroup group, StreamRequest stream, StatusRequest status, ProgressClientOptions options, TimeProvider time, ILogger logger)
{
    private const int PollsAtOnce = 4;

    private readonly Signal _fallback = new();
    private readonly ConcurrentDictionary<Subject, EntityTagHeaderValue> _tags = new();
    private volatile bool _isFallenBack;
    private volatile bool _isLive;

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
        var backoff = new Backoff(options.PollInterval, options.RetryMax > options.PollInterval ? options.RetryMax : options.PollInterval);
        while (true)
        {
            while (!_isFallenBack)
            {
                await _fallback.WaitAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            var unanswered = await AskAllAsync(cancellationToken).ConfigureAwait(false);
            if (inbox.IsOver(group))
                return;
            if (unanswered is null)
                backoff.Reset();
            await Task.Delay(unanswered is null ? options.PollInterval : backoff.Next(unanswered.Wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for each document, a few at a time, until the host does not answer; returns that answer.</summary>
    private async Task<StatusAnswer?> AskAllAsync(CancellationToken cancellationToken)
    {
        StatusAnswer? unanswered = null;
        ParallelOptions few = new() { MaxDegreeOfParallelism = PollsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(inbox.Open(group), few, async (document, token) =>
        {
            if (Volatile.Read(ref unanswered) is not null)
                return;
            var answer = await AskAsync(document.Subject, token).ConfigureAwait(false);
            if (answer is { IsAnswered: false })
                Volatile.Write(ref unanswered, answer);
        }).ConfigureAwait(false);
        return unanswered;
    }

    private async Task<StatusAnswer?> AskAsync(Subject subject, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await status.SendAsync(subject, _tags.GetValueOrDefault(subject), cancellationToken).ConfigureAwait(false);
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
        if (_isFallenBack)
            Log.StreamsAgain(logger, group);
        _isFallenBack = false;
    }

    private void FallBack()
    {
        if (_isFallenBack)
            return;
        Log.FellBack(logger, group, options.PollInterval.TotalSeconds);
        _isFallenBack = true;
        _fallback.Set();
    }
}
