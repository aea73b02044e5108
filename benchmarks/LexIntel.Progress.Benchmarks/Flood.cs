using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Benchmarks;

/// <summary>What a million calls a second cost Redis: 10,000 tracked jobs report 100 times a second each, for five seconds, with defaults.</summary>
internal static class Flood
{
    private const int Documents = 10_000;
    private const int CallsPerSecond = 1_000_000;
    private const double Limit = 10;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.LaunchAsync();
        await using var worker = new ServiceCollection().AddProgress(redis).BuildServiceProvider();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Configuration},allowAdmin=true");
        var publisher = worker.GetRequiredService<IProgressPublisher>();
        var jobs = Enumerable.Range(0, Documents).Select(i => publisher.Start($"document-{i}")).ToArray();
        await publisher.FlushAsync(Timeout.InfiniteTimeSpan);

        var before = await PublishedAsync(connection);
        var (start, calls) = (Stopwatch.GetTimestamp(), 0L);
        for (TimeSpan elapsed; (elapsed = Stopwatch.GetElapsedTime(start)) < Length;)
        {
            for (var due = (long)(elapsed.TotalSeconds * CallsPerSecond); calls < due; calls++)
                jobs[calls % Documents].Report(calls / (Length.TotalSeconds * CallsPerSecond), "Extracting");
            Thread.Sleep(1);
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var each = (await PublishedAsync(connection) - before) / seconds / Documents;
        Console.WriteLine($"{calls / seconds:N0} calls a second; Redis published {each:F2} updates of each document a second (limit {Limit:F0})");
        return each <= Limit ? 0 : 1;
    }

    private static async Task<long> PublishedAsync(ConnectionMultiplexer connection)
    {
        var sections = await connection.GetServers()[0].InfoAsync("commandstats");
        var publish = sections.SelectMany(static section => section).Single(static pair => pair.Key == "cmdstat_publish").Value;
        return long.Parse(publish.AsSpan("calls=".Length, publish.IndexOf(',', StringComparison.Ordinal) - "calls=".Length), CultureInfo.InvariantCulture);
    }
}
