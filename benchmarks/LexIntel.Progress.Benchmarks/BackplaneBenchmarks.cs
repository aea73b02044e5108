using BenchmarkDotNet.Attributes;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Benchmarks;

/// <summary>Round trips to a Redis on this machine: a bare PUBLISH, the offer's script for one document, and for a group.</summary>
[MemoryDiagnoser]
public class BackplaneBenchmarks
{
    private RedisServer _redis = null!;
    private ServiceProvider _services = null!;
    private IBackplane _backplane = null!;
    private ConnectionMultiplexer _connection = null!;
    private long _number;

    [GlobalSetup]
    public async Task Setup()
    {
        _redis = await RedisServer.LaunchAsync();
        _services = new ServiceCollection().AddLexIntelProgress().UseRedis(_redis.Configuration).Services.BuildServiceProvider();
        _backplane = _services.GetRequiredService<IBackplane>();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _connection.DisposeAsync();
        await _services.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public Task<long> Publish() => _connection.GetSubscriber().PublishAsync(RedisChannel.Literal("channel"), SampleStates.Json(full: false));

    [Benchmark]
    public Task OfferOne() => OfferAsync(1);

    [Benchmark]
    public Task OfferGroup() => OfferAsync(_backplane.GroupSize);

    private async Task OfferAsync(int documents)
    {
        var group = new OfferGroup { Retention = TimeSpan.FromHours(1) };
        _number++;
        for (var i = 0; i < documents; i++)
        {
            var fields = SampleStates.Fields;
            fields.DocumentId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"document-{i}");
            group.Add(OfferKind.Numbered, new(fields.Revision!.Value.Attempt, _number), fields, publishFull: false);
        }

        await _backplane.OfferAsync(group, CancellationToken.None);
        if (group.Offers[0].Result.Outcome != OfferOutcome.Accepted)
            throw new InvalidOperationException($"The offer was not accepted: {group.Offers[0].Result}.");
    }
}
