using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Support;

/// <summary>Short forms for tests that talk to a backplane directly.</summary>
internal static class Offers
{
    public static StateFields Fields(
        string documentId, ProgressStatus status = ProgressStatus.Processing, double percent = 10, string message = "",
        IReadOnlyList<ProgressStep>? steps = null, TimeSpan lease = default, TimeSpan? retention = null) => new()
        {
            DocumentId = documentId,
            Status = status,
            Step = "extraction",
            Percent = percent,
            Message = message,
            Timestamp = DateTimeOffset.UnixEpoch.AddYears(50),
            Steps = steps,
            Lease = lease,
            Retention = retention ?? TimeSpan.FromHours(24),
        };

    public static async Task<OfferResult> OfferAsync(
        this IBackplane backplane, OfferKind kind, ProgressRevision revision, StateFields fields, bool publishFull = false)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromHours(24) };
        group.Add(kind, revision, fields, publishFull);
        await backplane.OfferAsync(group, TestContext.Current.CancellationToken);
        return group.Offers[0].Result;
    }

    public static Task<OfferResult> OfferAsync(this IBackplane backplane, string documentId, long attempt, long number, ProgressStatus status = ProgressStatus.Processing) =>
        backplane.OfferAsync(OfferKind.Numbered, new(attempt, number), Fields(documentId, status));

    public static Task<OfferResult> OfferNextAsync(this IBackplane backplane, string documentId, long attempt, ProgressStatus status = ProgressStatus.Processing) =>
        backplane.OfferAsync(OfferKind.Next, new(attempt, 1), Fields(documentId, status));

    public static Task<OfferResult> OfferNewAttemptAsync(this IBackplane backplane, string documentId, long attempt, ProgressStatus status = ProgressStatus.Processing) =>
        backplane.OfferAsync(OfferKind.NewAttempt, new(attempt, 1), Fields(documentId, status));

    public static async Task<StoredState?> ReadOneAsync(this IBackplane backplane, Subject subject) =>
        (await backplane.ReadAsync([new(subject)], TestContext.Current.CancellationToken))[0];

    public static async Task<string?> ReadJsonAsync(this IBackplane backplane, Subject subject) =>
        await backplane.ReadOneAsync(subject) is { } stored ? Encoding.UTF8.GetString(stored.Json.Span) : null;

    /// <summary>Renews documents in one call, and returns what is stored of each; <see langword="null"/> where nothing is.</summary>
    public static async Task<ProgressRevision?[]> RenewAsync(this IBackplane backplane, params IReadOnlyList<string> documentIds)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromHours(24) };
        foreach (var documentId in documentIds)
            group.AddRenewal(documentId);
        await backplane.OfferAsync(group, TestContext.Current.CancellationToken);
        return [.. group.Offers.ToArray().Select(offer => offer.Result is { Outcome: OfferOutcome.Repeated } result ? result.Revision : (ProgressRevision?)null)];
    }

    public static async Task<ProgressRevision?> RenewOneAsync(this IBackplane backplane, string documentId) => (await backplane.RenewAsync(documentId))[0];
}
