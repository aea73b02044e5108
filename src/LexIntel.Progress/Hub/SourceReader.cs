using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Hub;

/// <summary>What the host's source says of a document or batch.</summary>
/// <param name="IsAnswered">Whether there is a source and it answered.</param>
/// <param name="State">The state; <see langword="null"/> with an answer means that there is none.</param>
internal readonly record struct SourceAnswer(bool IsAnswered, State? State);

/// <summary>Asks the host's <see cref="IProgressSnapshotSource"/>, if there is one, for many documents or batches at once, one call at a time.</summary>
internal sealed class SourceReader
{
    private const int BatchSize = 100;

    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<SourceReader> _logger;
    private readonly Coalescer<SourceAnswer> _questions;

    public SourceReader(IServiceScopeFactory scopes, IServiceProviderIsService services, ProgressOptions options, TimeProvider time, ILogger<SourceReader> logger)
    {
        (_scopes, _logger) = (scopes, logger);
        Exists = services.IsService(typeof(IProgressSnapshotSource));
        _questions = new(AskAsync, BatchSize, options.BackplaneTimeout, time);
    }

    public bool Exists { get; }

    public async Task<SourceAnswer> AskAsync(Subject subject)
    {
        if (!Exists)
            return default;
        try
        {
            return await _questions.AskAsync(subject).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A source that fails is one that did not answer; it was logged where it failed.
        catch (Exception)
#pragma warning restore CA1031
        {
            return default;
        }
    }

    private async Task<SourceAnswer[]> AskAsync(IReadOnlyList<Subject> subjects, CancellationToken cancellationToken)
    {
        try
        {
            var scope = _scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var source = scope.ServiceProvider.GetRequiredService<IProgressSnapshotSource>();
                var found = new Dictionary<Subject, State>();
                var documents = Ids(subjects, areBatches: false);
                if (documents.Count > 0)
                {
                    foreach (var snapshot in await source.GetAsync(documents, cancellationToken).ConfigureAwait(false))
                    {
                        if (!Enum.IsDefined(snapshot.Status))
                            throw new InvalidOperationException($"The snapshot source gave document '{snapshot.DocumentId}' the status {snapshot.Status:D}, which {nameof(ProgressStatus)} does not have. Map what is stored to one of: {string.Join(", ", Enum.GetNames<ProgressStatus>())}.");
                        found[snapshot.DocumentId] = new(StateFields.From(snapshot with { Revision = null, StalledSince = null }), StateOrigin.Source);
                    }
                }

                var batches = Ids(subjects, areBatches: true);
                var known = batches.Count > 0 ? await source.GetBatchesAsync(batches, cancellationToken).ConfigureAwait(false) : null;
                foreach (var snapshot in known ?? [])
                    found[Subject.Batch(snapshot.BatchId)] = new(StateFields.From(snapshot), StateOrigin.Source);
                return [.. subjects.Select(subject => new SourceAnswer(!subject.IsBatch || known is not null, found.GetValueOrDefault(subject)))];
            }
        }
        catch (Exception exception)
        {
            Log.SourceFailed(_logger, subjects.Count, exception);
            throw;
        }
    }

    private static HashSet<string> Ids(IEnumerable<Subject> subjects, bool areBatches) =>
        new(subjects.Where(subject => subject.IsBatch == areBatches).Select(subject => subject.Id), StringComparer.Ordinal);
}
