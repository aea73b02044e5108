using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LexIntel.Progress.Benchmarks;

// outage: what a worker's calls cost, call by call, while Redis is gone. Anything else: BenchmarkDotNet, e.g. --filter '*'.
if (args is ["outage"])
    return await OutageLatency.RunAsync();

var config = DefaultConfig.Instance.AddJob(Job.MediumRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;
