using System.Runtime.CompilerServices;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Http;

/// <summary>The subscriber of a process that reads from another host.</summary>
internal sealed class HttpSubscriber : IProgressSubscriber
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "LexIntel.Progress";

    private readonly ProgressClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<HttpSubscriber> _logger;
    private readonly StreamRequest _stream;
    private readonly StatusRequest _status;

    public HttpSubscriber(IHttpClientFactory clients, IOptions<ProgressClientOptions> options, TimeProvider time, ILogger<HttpSubscriber> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        var addresses = new ProgressAddresses(_options);
        _stream = new(clients, addresses, _options, time);
        _status = new(clients, addresses, _options, time);
    }

    public ValueTask<ProgressSnapshot?> GetSnapshotAsync(string documentId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return AskAsync(documentId, cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return ReadAsync([documentId], after, cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default) =>
        ReadAsync(DocumentIds.Distinct(documentIds, nameof(documentIds)), after: null, cancellationToken);

    private async ValueTask<ProgressSnapshot?> AskAsync(string documentId, CancellationToken cancellationToken)
    {
        StatusAnswer answer;
        try
        {
            answer = await _status.SendAsync(documentId, known: null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Answers.IsTransient(exception, cancellationToken))
        {
            throw Unavailable(documentId, "The host does not answer.", exception);
        }

        return answer.IsAnswered ? answer.State?.Fields.ToSnapshot() : throw Unavailable(documentId, answer.Problem, null);
    }

    private async IAsyncEnumerable<ProgressSnapshot> ReadAsync(
        HashSet<string> documentIds, ProgressRevision? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var inbox = new Inbox(documentIds, after);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var wake = leave.Token.UnsafeRegister(static state => ((Inbox)state!).Wake(), inbox);
        var watching = Task.Run(() => WatchAsync(inbox, leave), CancellationToken.None);
        try
        {
            while (true)
            {
                var isClosed = inbox.IsClosed;
                while (inbox.TryTake(out var state))
                {
                    yield return state.Snapshot;
                    if (!inbox.IsExhausted)
                        cancellationToken.ThrowIfCancellationRequested();
                }

                if (isClosed || inbox.IsExhausted)
                    break;
                await inbox.WaitAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            await watching.ConfigureAwait(false);
            inbox.ThrowIfRefused();
        }
        finally
        {
            await leave.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(Inbox inbox, CancellationTokenSource leave)
    {
        try
        {
            await Task.WhenAll(inbox.Groups.Select(async group =>
            {
                try
                {
                    await new HttpWatch(inbox, group, _stream, _status, _options, _time, _logger).RunAsync(leave.Token).ConfigureAwait(false);
                }
                catch
                {
                    // One that is refused speaks for all.
                    await leave.CancelAsync().ConfigureAwait(false);
                    throw;
                }
            })).ConfigureAwait(false);
        }
        finally
        {
            inbox.Close();
        }
    }

    private static ProgressUnavailableException Unavailable(string documentId, string problem, Exception? cause) =>
        new($"The state of document '{documentId}' cannot be read now: {problem} Try again later.", cause);
}
