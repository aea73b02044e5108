using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LexIntel.Progress.Benchmarks;

// outage: what a worker's calls cost, call by call, while Redis is gone. batch HOST:PORT: what a batch costs that Redis. dry: every benchmark once, to see that it runs; the exit code says
// whether all did. Anything else: BenchmarkDotNet, e.g. --filter '*'.
switch (args)
{
    case ["outage"]:
        return await OutageLatency.RunAsync();
    case ["batch", var configuration]:
        return await BatchCost.RunAsync(configuration);
    case ["dry"]:
        return DryRun.Run();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(Job.MediumRun.WithToolchain(InProcessEmitToolchain.Instance)));
        return 0;
}
