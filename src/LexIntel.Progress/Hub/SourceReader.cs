using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Hub;

/// <summary>What the host's source says of a document.</summary>
/// <param name="IsAnswered">Whether there is a source and it answered.</param>
/// <param name="State">The state; <see langword="null"/> with an answer means that there is no such document.</param>
internal readonly record struct SourceAnswer(bool IsAnswered, State? State);

/// <summary>Asks the host's <see cref="IProgressSnapshotSource"/>, if there is one, for many documents at once, one call at a time.</summary>
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

    public async Task<SourceAnswer> AskAsync(string documentId)
    {
        if (!Exists)
            return default;
        try
        {
            return await _questions.AskAsync(documentId).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A source that fails is one that did not answer; it was logged where it failed.
        catch (Exception)
#pragma warning restore CA1031
        {
            return default;
        }
    }

    private async Task<SourceAnswer[]> AskAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        try
        {
            var scope = _scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var source = scope.ServiceProvider.GetRequiredService<IProgressSnapshotSource>();
                var distinct = new HashSet<string>(documentIds, StringComparer.Ordinal);
                var found = new Dictionary<string, State>(StringComparer.Ordinal);
                foreach (var snapshot in await source.GetAsync(distinct, cancellationToken).ConfigureAwait(false))
                    found[snapshot.DocumentId] = new State(StateFields.From(snapshot with { Revision = null, StalledSince = null }), StateOrigin.Source);
                return [.. documentIds.Select(id => new SourceAnswer(true, found.GetValueOrDefault(id)))];
            }
        }
        catch (Exception exception)
        {
            Log.SourceFailed(_logger, documentIds.Count, exception);
            throw;
        }
    }
}
