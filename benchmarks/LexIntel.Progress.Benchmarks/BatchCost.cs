using System.Globalization;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Benchmarks;

/// <summary>
/// What a batch costs Redis: CPU for each member, by the size of the calls, beside a bare PUBLISH and the offer of a document on the same
/// server, and memory for each member. The server's own clock counts its CPU, so the client does not matter.
/// </summary>
internal static class BatchCost
{
    private const int Members = 10_000;
    private const int Updates = 20_000;
    private const long Attempt = 1764000000000;

    public static async Task<int> RunAsync(string configuration)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress(options => options.Prefix = "batch-cost:").UseRedis(configuration);
        await using var provider = services.BuildServiceProvider();
        var backplane = provider.GetRequiredService<IBackplane>();
        var settings = ConfigurationOptions.Parse(configuration);
        // INFO is a command of administrators to the client library.
        settings.AllowAdmin = true;
        await using var probe = await ConnectionMultiplexer.ConnectAsync(settings);
        var database = probe.GetDatabase();

        Console.WriteLine("                                   Redis CPU, µs    times a PUBLISH");
        await database.PublishAsync(RedisChannel.Literal("batch-cost:warm-up"), "x");
        var message = new string('x', 220);
        var publish = await MeasureAsync(database, Updates, () => Task.WhenAll(Enumerable.Range(0, 200).Select(_ => database.PublishAsync(RedisChannel.Literal("batch-cost:p"), message))), 200);
        Print("a PUBLISH of 220 bytes", publish, publish);
        var number = 0;
        Print("an offer of a document, 100 a call", await MeasureAsync(database, Updates, () => OfferDocumentsAsync(backplane, ++number), 100), publish);

        var before = await MemoryAsync(database);
        for (var i = 0; i < Members; i += BatchLimits.MembersPerOffer)
            await OfferMembersAsync(backplane, i, BatchLimits.MembersPerOffer, 1);
        var bytes = (await MemoryAsync(database) - before) / (double)Members;
        foreach (var size in (int[])[1, 5, 25, 100, 500])
        {
            var first = 0;
            var cost = await MeasureAsync(database, Updates / (size < 25 ? 4 : 1), () => OfferMembersAsync(backplane, (first += size) % (Members - size), size, ++number + 1), size);
            Print($"a member of a batch, {size} a call", cost, publish);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} bytes of Redis' memory for each of {Members:N0} members with ids of 36 characters."));
        await database.KeyDeleteAsync("batch-cost:batch:b:progress");
        return 0;
    }

    private static async Task OfferDocumentsAsync(IBackplane backplane, int number)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromMinutes(1) };
        for (var i = 0; i < 100; i++)
            group.Add(OfferKind.Numbered, new(Attempt, number), new() { DocumentId = Id(i), Status = ProgressStatus.Processing, Step = "extraction", Message = "Reading page 45 of 100", Percent = 45, Timestamp = DateTimeOffset.UnixEpoch, Steps = [] }, publishFull: false);
        await backplane.OfferAsync(group, CancellationToken.None);
    }

    private static async Task OfferMembersAsync(IBackplane backplane, int first, int count, int number)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromMinutes(1) };
        var members = Enumerable.Range(first, count).Select(i => BatchMember.Of(Id(i), new(Attempt, number), ProgressStatus.Processing, number % 100, 1)).ToList();
        group.Add("b", new(null, 0, 0, MayCreate: true, DateTimeOffset.UtcNow), members);
        await backplane.OfferAsync(group, CancellationToken.None);
    }

    private static string Id(int i) => new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString();

    /// <summary>Microseconds of Redis' CPU for each of many; the median of five rounds.</summary>
    private static async Task<double> MeasureAsync(IDatabase database, int total, Func<Task> call, int perCall)
    {
        var rounds = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var before = await CpuAsync(database);
            for (var i = 0; i < total; i += perCall)
                await call();
            rounds.Add((await CpuAsync(database) - before) / total);
        }

        return rounds.Order().ElementAt(2);
    }

    /// <summary>All of the server's CPU, its network included: its account of single commands counts whole microseconds, of which a PUBLISH takes less than one.</summary>
    private static async Task<double> CpuAsync(IDatabase database)
    {
        var lines = ((string)(await database.ExecuteAsync("INFO", "cpu"))!).Split("\r\n");
        return lines.Where(line => line.StartsWith("used_cpu_user:", StringComparison.Ordinal) || line.StartsWith("used_cpu_sys:", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture) * 1_000_000);
    }

    private static async Task<long> MemoryAsync(IDatabase database) =>
        (long?)await database.ExecuteAsync("MEMORY", "USAGE", "batch-cost:batch:b:progress", "SAMPLES", "0") ?? 0;

    private static void Print(string what, double micros, double publish) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-35}{micros,10:F2}{micros / publish,16:F1}"));
}
