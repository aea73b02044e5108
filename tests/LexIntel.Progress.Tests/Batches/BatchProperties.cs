using CsCheck;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>
/// Whatever is offered twice, late, in another order, or in other calls: the counts are those of each document's newest state. A failure
/// prints a seed that replays it.
/// </summary>
public abstract class BatchProperties(SharedServers servers) : BackplaneTest(servers)
{
    protected abstract long Iterations { get; }

    private static readonly Gen<BatchMember> Entries = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 1], Gen.Int[1, 6],
        (document, attempt, number) =>
        {
            // One revision is one state: what it says follows from it.
            var status = (ProgressStatus)((document + (7 * attempt) + (3 * number)) % 6);
            return Members.Member($"d{document}", number, status, number * 15.7, (document + 1) / 3.0, Members.Attempt + attempt);
        });

    /// <summary>Calls of up to 8 entries, made of few documents and revisions, so that most come again.</summary>
    private static readonly Gen<BatchMember[][]> Deliveries = Entries.Array[1, 8].Array[1, 12];

    [Fact]
    public async Task Counts_are_those_of_each_documents_newest_state()
    {
        var backplane = App().Backplane;
        var batches = 0;
        await Deliveries.SampleAsync(
            async deliveries =>
            {
                var batchId = $"b{Interlocked.Increment(ref batches)}";
                foreach (var members in deliveries)
                    await backplane.OfferMembersAsync(batchId, members);

                var newest = deliveries.SelectMany(members => members).GroupBy(member => member.DocumentId, (_, entries) => entries.MaxBy(entry => entry.Revision)).ToList();
                var batch = await backplane.ReadBatchAsync(batchId);
                Assert.Equal(Expected(newest), batch.Counts());
                Assert.Equal((double)newest.Sum(member => (long)member.Weight * member.Progress) / newest.Sum(member => (long)member.Weight) / 10, batch.Percent, batch.IsFinished ? 0 : 0.1001);
            },
            iter: Iterations, threads: 1);
    }

    [Fact]
    public void Counts_that_only_add_up_would_be_wrong() =>
        Assert.Throws<CsCheckException>(() => Deliveries.Sample(
            deliveries =>
            {
                var all = deliveries.SelectMany(members => members).ToList();
                return Expected(all) == Expected([.. all.GroupBy(member => member.DocumentId, (_, entries) => entries.MaxBy(entry => entry.Revision))]);
            },
            iter: 100));

    private static (int, int, int, int, int, int) Expected(List<BatchMember> members)
    {
        int Count(params ReadOnlySpan<ProgressStatus> statuses)
        {
            var count = 0;
            foreach (var member in members)
                count += statuses.Contains(member.Status) ? 1 : 0;
            return count;
        }

        return (members.Count, Count(ProgressStatus.Pending), Count(ProgressStatus.Processing, ProgressStatus.Retrying), Count(ProgressStatus.Completed), Count(ProgressStatus.Failed), Count(ProgressStatus.Cancelled));
    }
}

public sealed class InProcessBatchProperties(SharedServers servers) : BatchProperties(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;

    protected override long Iterations => 2000;
}

public sealed class GarnetBatchProperties(SharedServers servers) : BatchProperties(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;

    protected override long Iterations => 100;
}

public sealed class RedisBatchProperties(SharedServers servers) : BatchProperties(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;

    protected override long Iterations => 300;
}
