using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Rules;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class ExperimentTests
{
    private const int SeedWithoutGit = 20_260;

    [Fact]
    public Task Guarantees_hold_under_fire() => ExperimentAsync(TimeSpan.FromSeconds(50));

    [Fact(Explicit = true)]
    public Task Guarantees_hold_under_long_fire() => ExperimentAsync(TimeSpan.FromMinutes(5));

    private static async Task ExperimentAsync(TimeSpan duration)
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        var seed = Seed();
        var said = new List<string>();
        var history = await new Orchestrator(new() { Seed = seed, Duration = duration }, said.Add).RunAsync(TestContext.Current.CancellationToken);
        var violations = Checker.Check(history);
        TestContext.Current.TestOutputHelper?.WriteLine(Summary.Of(history));
        Assert.True(violations.Count == 0, string.Create(CultureInfo.InvariantCulture,
            $"seed {seed} (again: dotnet run --project tests/LexIntel.Progress.Chaos -- --seed {seed} --seconds {duration.TotalSeconds}), {violations.Count} violations after {string.Join(", ", said)}\n{HistoryPrinter.Print(history, violations)}\n{string.Join('\n', violations.Take(20))}"));

        // The same history, damaged, must not pass: a checker that has nothing to look at finds nothing. Last the damage that spares least.
        foreach (var damage in Enum.GetValues<Damage>())
        {
            var known = violations.ToHashSet();
            var what = Breaker.Break(history, damage);
            violations = Checker.Check(history);
            // A damage may hide what an earlier one did: counting would not do.
            Assert.True(violations.Any(violation => !known.Contains(violation)), $"seed {seed}: the checker did not notice that {what}.");
        }
    }

    /// <summary>Another one for each commit, the same for everybody who tests that commit.</summary>
    private static int Seed()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed))
            return seed;
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory })!;
            var hash = git.StandardOutput.ReadToEnd().Trim();
            return hash.Length >= 6 ? int.Parse(hash.AsSpan(0, 6), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : SeedWithoutGit;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return SeedWithoutGit;
        }
    }
}
