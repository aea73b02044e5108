using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.LoadTest.Processes;
using LexIntel.Progress.LoadTest.Publishing;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>
/// <c>store</c>: 10,000 documents are due at once, again and again; nobody reads. What that costs Redis and the worker, against a bare
/// PUBLISH of the same state; on one Redis and on a Cluster, whose masters count together.
/// </summary>
internal static class StoreCommand
{
    private const int Documents = 10_000;
    private const int WarmUpRounds = 20;
    private const int Rounds = 60;

    // So many updates a second that the publisher's throttle is out of the way.
    private const string Unthrottled = "1000000000";

    public static async Task<int> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        Console.WriteLine(Machine.Describe());
        (string Name, string Publisher, bool IsCluster)[] ways =
        [
            ("offer, grouped", "product", false),
            ("bare PUBLISH", "plain", false),
            ("offer, Cluster", "product", true),
            ("offer, Cluster, sharded channels", "product-sharded", true),
            ("bare PUBLISH, Cluster", "plain", true),
        ];
        var costs = ways.Select(static _ => new List<Cost>()).ToArray();
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            for (var way = 0; way < ways.Length; way++)
                costs[way].Add(await MeasureAsync(ways[way].Publisher, ways[way].IsCluster, cancellationToken));
        }

        Console.WriteLine(Table.Print(
        [
            ["median (least-most) per update", .. ways.Select(static way => way.Name)],
            Row("Redis CPU, µs", costs, static cost => cost.RedisCpu),
            Row("worker CPU, µs", costs, static cost => cost.WorkerCpu),
            Row("updates per second", costs, static cost => cost.Rate),
            Row("10,000 documents, ms", costs, static cost => Documents / cost.Rate * 1000),
            Row("allocated, bytes", costs, static cost => cost.Allocated),
        ]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Redis CPU on one Redis: {costs[0].Zip(costs[1], static (offer, publish) => offer.RedisCpu / publish.RedisCpu).Order().ElementAt(repetitions / 2):0.0} × a bare PUBLISH. The Cluster has {RedisCluster.Masters} masters."));
        return 0;
    }

    private static async Task<Cost> MeasureAsync(string publisher, bool isCluster, CancellationToken cancellationToken)
    {
        using var children = new Children();
        if (isCluster)
        {
            var (masters, nodes) = await RedisCluster.StartAsync(children, cancellationToken);
            return await MeasureAsync(children, masters, nodes, publisher, cancellationToken);
        }

        await using var redis = await RedisStore.StartAsync(children, cancellationToken);
        return await MeasureAsync(children, [redis.Process], redis.Configuration, publisher, cancellationToken);
    }

    private static async Task<Cost> MeasureAsync(Children children, IReadOnlyList<ChildProcess> servers, string configuration, string publisher, CancellationToken cancellationToken)
    {
        var worker = children.StartRole("publisher", [publisher, configuration, Documents.ToString(CultureInfo.InvariantCulture), Unthrottled, "0"]);
        await worker.ReadAsync(cancellationToken);
        await worker.AskAsync($"burst {WarmUpRounds}", cancellationToken);
        var (redisBefore, workerBefore) = (Use(servers), ProcessUse.Of(worker.Id));
        var published = JsonSerializer.Deserialize<Published>(await worker.AskAsync($"burst {Rounds}", cancellationToken))!;
        return new(
            (Use(servers).Cpu - redisBefore.Cpu).TotalMicroseconds / published.Count,
            (ProcessUse.Of(worker.Id).Cpu - workerBefore.Cpu).TotalMicroseconds / published.Count,
            published.Count / published.Seconds,
            (double)published.Allocated / published.Count);
    }

    private static ProcessUse Use(IEnumerable<ChildProcess> servers) => servers.Select(static server => ProcessUse.Of(server.Id)).Aggregate(static (sum, use) => sum + use);

    private static string[] Row(string name, List<Cost>[] costs, Func<Cost, double> take) => [name, .. costs.Select(cost => Print(cost, take))];

    private static string Print(List<Cost> costs, Func<Cost, double> take)
    {
        var values = costs.Select(take).Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{values[values.Length / 2]:N2} ({values[0]:N2}-{values[^1]:N2})");
    }

    private sealed record Cost(double RedisCpu, double WorkerCpu, double Rate, double Allocated);
}
