using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Support;

/// <summary>Short forms for tests that offer members of batches to a backplane directly.</summary>
internal static class Members
{
    public const long Attempt = 1764000000000;

    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(Attempt);

    public static BatchMember Member(string documentId, long number = 1, ProgressStatus status = ProgressStatus.Processing, double percent = 0, double weight = 1, long attempt = Attempt) =>
        BatchMember.Of(documentId, new(attempt, number), status, percent, weight);

    public static async Task<OfferResult> OfferMembersAsync(
        this IBackplane backplane, string batchId, IReadOnlyCollection<BatchMember> members, int expected = 0, ProgressRevision? known = null,
        long started = 0, bool mayCreate = true, DateTimeOffset? now = null)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromHours(24) };
        group.Add(batchId, new(known, expected, started, mayCreate, now ?? Start), members);
        await backplane.OfferAsync(group, TestContext.Current.CancellationToken);
        return group.Offers[0].Result;
    }

    public static async Task<ProgressBatchSnapshot> ReadBatchAsync(this IBackplane backplane, string batchId)
    {
        var stored = await backplane.ReadOneAsync(Subject.Batch(batchId));
        Assert.NotNull(stored);
        Assert.Equal(StateRejection.None, BatchReader.Read(stored.Value.Json.Span, batchId, Start, out var fields));
        return fields.ToBatchSnapshot();
    }

    public static (int Total, int Pending, int Processing, int Completed, int Failed, int Cancelled) Counts(this ProgressBatchSnapshot batch) =>
        (batch.Total, batch.Pending, batch.Processing, batch.Completed, batch.Failed, batch.Cancelled);
}
