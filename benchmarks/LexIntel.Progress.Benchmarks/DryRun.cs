using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace LexIntel.Progress.Benchmarks;

/// <summary>Runs every benchmark once, in seconds: a benchmark that no longer runs measures nothing.</summary>
internal static class DryRun
{
    public static int Run()
    {
        var log = new AccumulationLogger();
        var config = ManualConfig.CreateEmpty().AddLogger(log).AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "lexintel-benchmarks-dry"));
        var reports = BenchmarkRunner.Run(typeof(DryRun).Assembly, config).SelectMany(static summary => summary.Reports).ToArray();
        var failed = reports.Where(static report => !report.Success || report.AllMeasurements.Count == 0).Select(static report => report.BenchmarkCase.DisplayInfo).ToArray();
        if (failed.Length > 0 || reports.Length == 0)
            Console.Error.WriteLine(log.GetLog());
        foreach (var name in failed)
            Console.Error.WriteLine($"Did not run: {name}");
        Console.WriteLine($"{reports.Length - failed.Length} of {reports.Length} benchmarks ran.");
        return failed.Length == 0 && reports.Length > 0 ? 0 : 1;
    }
}
