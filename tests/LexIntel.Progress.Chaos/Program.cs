using LexIntel.Progress.Chaos;
using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Processes;
using LexIntel.Progress.Chaos.Rules;
using LexIntel.Progress.Testing;

// The same executable plays the other parts as well; these are not for people.
if (args is ["worker", var name, var redis])
    return await Worker.RunAsync(name, redis);
if (args is ["guard"])
    return Guard.Run();

if (ChaosOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(ChaosOptions.Usage);
    return 2;
}

if (RedisServer.WhyMissing is { } missing)
{
    Console.Error.WriteLine(missing);
    return 2;
}

Console.WriteLine($"seed {options.Seed}, {options.Duration.TotalSeconds:0} s. The schedule is the seed's; real timing differs from run to run.");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};

History history;
try
{
    history = await new Orchestrator(options, Console.WriteLine).RunAsync(stop.Token);
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Interrupted.");
    return 130;
}

if (options.Break is { } damage)
    Console.WriteLine($"Damaged the history: {Breaker.Break(history, damage)}");
var violations = Checker.Check(history);
Console.WriteLine(HistoryPrinter.Print(history, violations));
Console.WriteLine(Summary.Of(history));
Console.WriteLine(violations.Count == 0
    ? $"seed {options.Seed}: no violation."
    : $"seed {options.Seed}: {violations.Count} violations ({string.Join(", ", violations.CountBy(violation => violation.Guarantee).Select(pair => $"{pair.Key}: {pair.Value}"))}).");
return violations.Count == 0 ? 0 : 1;
