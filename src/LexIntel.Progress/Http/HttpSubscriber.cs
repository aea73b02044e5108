using System.Net;
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
        return AskAsync(documentId, static fields => fields.ToSnapshot(), cancellationToken);
    }

    public ValueTask<ProgressBatchSnapshot?> GetBatchAsync(string batchId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        return AskAsync(Subject.Batch(batchId), static fields => fields.ToBatchSnapshot(), cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return ReadAsync([documentId], after, static state => state.Snapshot, cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default) =>
        ReadAsync(DocumentIds.Distinct(documentIds, nameof(documentIds)), after: null, static state => state.Snapshot, cancellationToken);

    public IAsyncEnumerable<ProgressBatchSnapshot> SubscribeBatchAsync(
        string batchId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        return ReadAsync([Subject.Batch(batchId)], after, static state => state.BatchSnapshot, cancellationToken);
    }

    private async ValueTask<T?> AskAsync<T>(Subject subject, Func<StateFields, T> snapshot, CancellationToken cancellationToken)
        where T : class
    {
        StatusAnswer answer;
        try
        {
            answer = await _status.SendAsync(subject, known: null, wait: TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Answers.IsTransient(exception, cancellationToken))
        {
            throw Unavailable(subject, "The host does not answer.", exception);
        }

        return !answer.IsAnswered ? throw Unavailable(subject, answer.Problem, null) : answer.State is var (fields, _) ? snapshot(fields) : null;
    }

    private async IAsyncEnumerable<T> ReadAsync<T>(
        HashSet<Subject> subjects, ProgressRevision? after, Func<State, T> snapshot, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var inbox = new Inbox(subjects, after);
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
                    yield return snapshot(state);
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
            await Task.WhenAll(inbox.Groups.Select(group => WatchAsync(inbox, group, leave))).ConfigureAwait(false);
        }
        finally
        {
            inbox.Close();
        }
    }

    private async Task WatchAsync(Inbox inbox, RemoteGroup group, CancellationTokenSource leave)
    {
        try
        {
            using var watch = new HttpWatch(inbox, group, _stream, _status, _options, _time, _logger);
            await watch.RunAsync(leave.Token).ConfigureAwait(false);
        }
        catch (ProgressRefusedException refusal) when (refusal.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // It is about the documents of this stream; those of the others may be shown.
            foreach (var (subject, _) in inbox.Open(group))
                inbox.Refuse(subject, refusal, isFresh: true);
        }
        catch
        {
            // What breaks a rule breaks it on each stream.
            await leave.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static ProgressUnavailableException Unavailable(Subject subject, string problem, Exception? cause) =>
        new($"The state of {subject} cannot be read now: {problem} Try again later.", cause);
}
