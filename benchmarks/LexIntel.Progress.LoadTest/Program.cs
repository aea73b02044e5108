using LexIntel.Progress.LoadTest;
using LexIntel.Progress.LoadTest.Client;
using LexIntel.Progress.LoadTest.Compare;
using LexIntel.Progress.LoadTest.Gate;
using LexIntel.Progress.LoadTest.Processes;
using LexIntel.Progress.LoadTest.Publishing;
using LexIntel.Progress.LoadTest.Scenarios;
using LexIntel.Progress.LoadTest.Servers;

// The same executable plays all parts of an experiment, each in a process of its own; the roles are not for people.
switch (args)
{
    case ["--role", "guard"]:
        return Guard.Run();
    case ["--role", "server", .. var rest]:
        return await ServerRole.RunAsync(rest);
    case ["--role", "publisher", .. var rest]:
        return await PublisherRole.RunAsync(rest);
    case ["--role", "client", .. var rest]:
        return ClientRole.Run(rest);
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};

try
{
    var options = LoadTestOptions.Parse(args);
    return options.Command switch
    {
        "gate" => await GateCommand.RunAsync(stop.Token),
        "store" => await StoreCommand.RunAsync(options.Repetitions, stop.Token),
        "compare" => await CompareCommand.RunAsync(
            options.Contestants ?? [.. Contestant.All.Where(static contestant => contestant.IsCompared)], options.IsQuick, options.Folder ?? (options.IsQuick ? "artifacts/comparison" : "docs"), options.IsDrawnOnly, stop.Token),
        _ => await RunCommand.RunAsync(
            options.Scenario!,
            options.Contestants ?? (options.Scenario!.Kind == ScenarioKind.Storm ? [Contestant.Find("lexintel")] : [Contestant.Find("lexintel"), Contestant.Find("floor")]),
            options.Repetitions, stop.Token),
    };
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Interrupted.");
    return 130;
}
catch (InvalidOperationException broken)
{
    Console.Error.WriteLine(broken.Message);
    return 1;
}
