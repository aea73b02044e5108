using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.LoadTest.Client;
using LexIntel.Progress.LoadTest.Processes;
using LexIntel.Progress.LoadTest.Publishing;
using LexIntel.Progress.LoadTest.Servers;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>The processes of one trial: Redis, the server under test, workers and clients, each its own.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>A process may have 20,000 files here, and a source address about 28,000 ports towards one server.</summary>
    private const int ClientsPerProcess = 14_000;
    private const byte FirstSource = 2;
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    private readonly Children _children = new();
    private readonly Contestant _contestant;
    private readonly Scenario _scenario;
    private readonly List<ChildProcess> _clients = [];
    private IStore _store = null!;
    private ChildProcess _server = null!;
    private ChildProcess _publisher = null!;
    private ProcessUse _serverAtStart;

    private Bench(Contestant contestant, Scenario scenario) => (_contestant, _scenario) = (contestant, scenario);

    public static async Task<Trial> RunAsync(Contestant contestant, Scenario scenario, CancellationToken cancellationToken)
    {
        await using var bench = new Bench(contestant, scenario);
        await bench.StartAsync(cancellationToken);
        return await bench.RunAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _children.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _store = await IStore.StartAsync(_contestant.Store, _children, cancellationToken);
        (_server, var port) = await ServerLauncher.StartAsync(_children, _contestant, _store.Configuration, cancellationToken);
        _publisher = _children.StartRole("publisher", [_contestant.Publisher, _store.Configuration, Text(_scenario.DocumentCount), Text(_scenario.Rate), port]);
        await _publisher.ReadAsync(cancellationToken);
        for (var i = 0; i * ClientsPerProcess < _scenario.Streams; i++)
        {
            _clients.Add(_children.StartRole("client",
                [_contestant.Dialogue, _contestant.Path, port, Text(FirstSource + i), Text(_scenario.Period.TotalMilliseconds), Text(_scenario.PollInterval.TotalMilliseconds)]));
        }
    }

    private async Task<Trial> RunAsync(CancellationToken cancellationToken)
    {
        await _publisher.AskAsync("once", cancellationToken);
        _serverAtStart = ProcessUse.Of(_server.Id);
        var openings = await AskClientsAsync<Opening>(i =>
        {
            var first = i * ClientsPerProcess;
            return $"open {first} {Math.Min(ClientsPerProcess, _scenario.Streams - first)} {_scenario.DocumentCount}";
        }, cancellationToken);

        // After the subscriptions, too: a peer that stores nothing has shown nothing yet.
        await _publisher.AskAsync("once", cancellationToken);
        if (_scenario.Kind == ScenarioKind.Flow)
            await _publisher.AskAsync("start", cancellationToken);
        await Task.Delay(_scenario.WarmUp, cancellationToken);
        if (_scenario.IsSettled)
            await SettleAsync(cancellationToken);

        var trial = await MeasureAsync(cancellationToken);
        trial = trial with { Opened = openings.Sum(static opening => opening.Open), OpenSeconds = openings.Max(static opening => opening.Seconds) };
        foreach (var (reason, count) in openings.SelectMany(static opening => opening.Failures))
            trial.Seen.Failures[reason] = trial.Seen.Failures.GetValueOrDefault(reason) + count;
        return _scenario.Kind == ScenarioKind.Storm ? await ReturnAsync(trial, cancellationToken) : trial;
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (_contestant.Runtime == ServerRuntime.DotNet)
            await _server.AskAsync("settle", cancellationToken);
        await _publisher.AskAsync("settle", cancellationToken);
        // What waited meanwhile is behind.
        await Task.Delay(Calm, cancellationToken);
    }

    private async Task<Trial> MeasureAsync(CancellationToken cancellationToken)
    {
        var (runtime, use, began) = (await RuntimeAsync(cancellationToken), Uses(), Stamp.Now);
        await AskClientsAsync<int>(static _ => "reset", cancellationToken);
        await Task.Delay(_scenario.Measure, cancellationToken);
        var seen = new Tally();
        foreach (var tally in await AskClientsAsync<Tally>(static _ => "take", cancellationToken))
            seen.Add(tally);
        var (runtimeAfter, useAfter, seconds) = (await RuntimeAsync(cancellationToken), Uses(), (Stamp.Now - began) / 1e9);
        var server = ProcessUse.Of(_server.Id);
        var published = _scenario.Kind == ScenarioKind.Flow ? JsonSerializer.Deserialize<Published>(await _publisher.AskAsync("stop", cancellationToken))! : null;
        return new Trial
        {
            Seconds = seconds,
            Published = published is null ? 0 : published.Count / published.Seconds,
            Seen = seen,
            Cpu = useAfter.ToDictionary(static pair => pair.Key, pair => (pair.Value.Cpu - use[pair.Key].Cpu).TotalSeconds),
            ServerKernelCpu = (useAfter["server"].Kernel - use["server"].Kernel).TotalSeconds,
            MemoryPerStream = (server.Resident - _serverAtStart.Resident) / 1024.0 / seen.Open,
            MemoryGrowth = (server.Resident - use["server"].Resident) / 1024.0 / 1024.0,
            BaseMemory = _serverAtStart.Resident / 1024.0 / 1024.0,
            Files = server.Files,
            Allocated = runtimeAfter is null ? double.NaN : runtimeAfter.Allocated - runtime!.Allocated,
            Buffers = runtimeAfter is null ? double.NaN : runtimeAfter.Buffers - runtime!.Buffers,
            Collections = runtimeAfter is null ? 0 : runtimeAfter.Collections - runtime!.Collections,
            PauseSeconds = runtimeAfter is null ? 0 : runtimeAfter.PauseSeconds - runtime!.PauseSeconds,
            Errors = _server.Errors,
        };
    }

    private async Task<Trial> ReturnAsync(Trial trial, CancellationToken cancellationToken)
    {
        if (_scenario.Absence > TimeSpan.Zero)
        {
            await AskClientsAsync<int>(static _ => "close", cancellationToken);
            await Task.Delay(_scenario.Absence, cancellationToken);
        }

        var before = await _store.ReadsAsync();
        var returned = await AskClientsAsync<Opening>(static _ => "return", cancellationToken);
        return trial with { ReturnSeconds = returned.Max(static opening => opening.Seconds), StoreReads = await _store.ReadsAsync() - before };
    }

    private Dictionary<string, ProcessUse> Uses() => new()
    {
        ["server"] = ProcessUse.Of(_server.Id),
        ["store"] = _store.Process is { } store ? ProcessUse.Of(store.Id) : default,
        ["publisher"] = ProcessUse.Of(_publisher.Id),
        ["clients"] = _clients.Select(static client => ProcessUse.Of(client.Id)).Aggregate(static (sum, use) => sum + use),
    };

    private async Task<RuntimeUse?> RuntimeAsync(CancellationToken cancellationToken) =>
        _contestant.Runtime == ServerRuntime.DotNet ? JsonSerializer.Deserialize<RuntimeUse>(await _server.AskAsync("use", cancellationToken)) : null;

    private async Task<T[]> AskClientsAsync<T>(Func<int, string> question, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(_clients.Select((client, i) => client.AskAsync(question(i), cancellationToken)));
        return [.. answers.Select(static answer => JsonSerializer.Deserialize<T>(answer)!)];
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
