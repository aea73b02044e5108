using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>What a worker pays for its reports; the pump runs beside it.</summary>
[MemoryDiagnoser]
public class WorkerBenchmarks
{
    private ServiceProvider _services = null!;
    private IProgressPublisher _publisher = null!;
    private ProgressJob _job = null!;
    private double _fraction;

    [GlobalSetup]
    public void Setup()
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress();
        _services = services.BuildServiceProvider();
        _publisher = _services.GetRequiredService<IProgressPublisher>();
        _job = _publisher.Start("document", new ProgressPlan(("extraction", 3), ("embedding", 1)));
        _job.StartStep("extraction");
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark]
    public void Report()
    {
        _fraction = _fraction >= 1 ? 0 : _fraction + 0.000_001;
        _job.Report(_fraction);
    }

    [Benchmark]
    public ValueTask Publish() => _publisher.PublishAsync(new("plain", "extraction", 50, "Extracting"));
}
