using System.Net.Http.Headers;
using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Http;

/// <summary>
/// One reader's watch of a document on another host: streams, and asks by plain GET while it cannot; comes back to streaming by itself.
/// </summary>
internal sealed class HttpWatch(string documentId, Inbox inbox, StreamRequest stream, StatusRequest status, ProgressClientOptions options, TimeProvider time, ILogger logger)
{
    private readonly Signal _fallback = new();
    private volatile bool _isFallenBack;
    private volatile bool _isLive;

    /// <summary>Fills the inbox until the document is finished.</summary>
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
            inbox.Close();
        }
    }

    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.RetryMin, options.RetryMax);
        while (true)
        {
            _isLive = false;
            var end = await stream.SendAsync(documentId, inbox, OnLive, cancellationToken).ConfigureAwait(false);
            if (inbox.IsFinished)
                return;
            if (_isLive)
                backoff.Reset();
            else
                FallBack();
            Log.StreamEnded(logger, documentId, end.Reason);
            await Task.Delay(backoff.Next(end.Wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.PollInterval, options.RetryMax > options.PollInterval ? options.RetryMax : options.PollInterval);
        EntityTagHeaderValue? tag = null;
        while (true)
        {
            while (!_isFallenBack)
            {
                await _fallback.WaitAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            var answer = await AskAsync(tag, cancellationToken).ConfigureAwait(false);
            tag = answer.IsAnswered ? answer.Tag ?? tag : null;
            if (answer.State is var (fields, isRecord))
                inbox.Offer(fields, isRecord);
            if (inbox.IsFinished)
                return;
            if (answer.IsAnswered)
                backoff.Reset();
            await Task.Delay(answer.IsAnswered ? options.PollInterval : backoff.Next(answer.Wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<StatusAnswer> AskAsync(EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        try
        {
            return await status.SendAsync(documentId, tag, cancellationToken).ConfigureAwait(false);
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
            Log.StreamsAgain(logger, documentId);
        _isFallenBack = false;
    }

    private void FallBack()
    {
        if (_isFallenBack)
            return;
        Log.FellBack(logger, documentId, options.PollInterval.TotalSeconds);
        _isFallenBack = true;
        _fallback.Set();
    }
}
