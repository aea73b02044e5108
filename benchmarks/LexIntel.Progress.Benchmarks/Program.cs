using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LexIntel.Progress.Benchmarks;

// outage, staleness, death, return: what docs/guarantees.md quotes; each says what it measures, and ends with 1 when its limit is exceeded. batch HOST:PORT: what a batch costs that Redis.
// flood, watched: what many calls cost Redis, and a watched document its host; each ends with 1 when its limit is exceeded. dry: every benchmark once, to see that it runs; the exit code says whether all did. Anything else: BenchmarkDotNet, e.g. --filter '*'.
switch (args)
{
    case ["outage"]:
        return await OutageLatency.RunAsync();
    case ["staleness"]:
        return await Staleness.RunAsync();
    case ["death"]:
        return await Death.RunAsync();
    case ["jobs", var redis, var round]:
        await Death.WorkAsync(redis, round);
        return 0;
    case ["return"]:
        return await RedisReturn.RunAsync();
    case ["flood"]:
        return await Flood.RunAsync();
    case ["watched"]:
        return await WatchedDocuments.RunAsync();
    case ["batch", var configuration]:
        return await BatchCost.RunAsync(configuration);
    case ["dry"]:
        return DryRun.Run();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(Job.MediumRun.WithToolchain(InProcessEmitToolchain.Instance)));
        return 0;
}
