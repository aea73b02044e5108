using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LexIntel.Progress.Benchmarks;

// outage: what a worker's calls cost, call by call, while Redis is gone. batch HOST:PORT: what a batch costs that Redis. Anything else:
// BenchmarkDotNet, e.g. --filter '*'.
if (args is ["outage"])
    return await OutageLatency.RunAsync();
if (args is ["batch", var configuration])
    return await BatchCost.RunAsync(configuration);

var config = DefaultConfig.Instance.AddJob(Job.MediumRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;
