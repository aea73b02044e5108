using BenchmarkDotNet.Attributes;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>10,000 documents that are due at once, from the reports until all are stored.</summary>
[MemoryDiagnoser]
public class OutboxBenchmarks
{
    private const int Documents = 10_000;

    private RedisServer? _redis;
    private ServiceProvider _services = null!;
    private IProgressPublisher _publisher = null!;
    private ProgressJob[] _jobs = null!;
    private double _fraction;

    /// <summary>Whether they go to Redis or stay in the process.</summary>
    [Params(false, true)]
    public bool Redis { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        var builder = new ServiceCollection().AddLexIntelProgress(static options => options.PublishInterval = TimeSpan.Zero);
        if (Redis)
        {
            _redis = await RedisServer.LaunchAsync();
            builder.UseRedis(_redis.Configuration);
        }

        _services = builder.Services.BuildServiceProvider();
        _publisher = _services.GetRequiredService<IProgressPublisher>();
        _jobs = [.. Enumerable.Range(0, Documents).Select(i => _publisher.Start($"document-{i}"))];
        await DrainAsync();
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _services.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [Benchmark(OperationsPerInvoke = Documents)]
    public Task Drain()
    {
        _fraction = _fraction >= 0.9 ? 0 : _fraction + 0.000_1;
        foreach (var job in _jobs)
            job.Report(_fraction, "Extracting");
        return DrainAsync();
    }

    private async Task DrainAsync()
    {
        if (!await _publisher.FlushAsync(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("The outbox was not empty after 30 seconds.");
    }
}
