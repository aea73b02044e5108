using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.LoadTest.Processes;
using LexIntel.Progress.LoadTest.Publishing;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>
/// <c>store</c>: 10,000 documents are due at once, again and again; nobody reads. What that costs Redis and the worker, against a bare
/// PUBLISH of the same state.
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
        var (product, plain) = (new List<Cost>(), new List<Cost>());
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            product.Add(await MeasureAsync("product", cancellationToken));
            plain.Add(await MeasureAsync("plain", cancellationToken));
        }

        Console.WriteLine(Table.Print(
        [
            ["median (least-most) per update", "offer, grouped", "bare PUBLISH"],
            Row("Redis CPU, µs", product, plain, static cost => cost.RedisCpu),
            Row("worker CPU, µs", product, plain, static cost => cost.WorkerCpu),
            Row("updates per second", product, plain, static cost => cost.Rate),
            Row("10,000 documents, ms", product, plain, static cost => Documents / cost.Rate * 1000),
            Row("allocated, bytes", product, plain, static cost => cost.Allocated),
        ]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Redis CPU: {product.Zip(plain, static (offer, publish) => offer.RedisCpu / publish.RedisCpu).Order().ElementAt(repetitions / 2):0.0} × a bare PUBLISH."));
        return 0;
    }

    private static async Task<Cost> MeasureAsync(string publisher, CancellationToken cancellationToken)
    {
        using var children = new Children();
        await using var redis = await RedisStore.StartAsync(children, cancellationToken);
        var worker = children.StartRole("publisher", [publisher, redis.Configuration, Documents.ToString(CultureInfo.InvariantCulture), Unthrottled, "0"]);
        await worker.ReadAsync(cancellationToken);
        await worker.AskAsync($"burst {WarmUpRounds}", cancellationToken);
        var (redisBefore, workerBefore) = (ProcessUse.Of(redis.Process.Id), ProcessUse.Of(worker.Id));
        var published = JsonSerializer.Deserialize<Published>(await worker.AskAsync($"burst {Rounds}", cancellationToken))!;
        return new(
            (ProcessUse.Of(redis.Process.Id).Cpu - redisBefore.Cpu).TotalMicroseconds / published.Count,
            (ProcessUse.Of(worker.Id).Cpu - workerBefore.Cpu).TotalMicroseconds / published.Count,
            published.Count / published.Seconds,
            (double)published.Allocated / published.Count);
    }

    private static string[] Row(string name, List<Cost> product, List<Cost> plain, Func<Cost, double> take) => [name, Print(product, take), Print(plain, take)];

    private static string Print(List<Cost> costs, Func<Cost, double> take)
    {
        var values = costs.Select(take).Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{values[values.Length / 2]:N2} ({values[0]:N2}-{values[^1]:N2})");
    }

    private sealed record Cost(double RedisCpu, double WorkerCpu, double Rate, double Allocated);
}
