using System.Globalization;
using LexIntel.Progress.Chaos.Faults;
using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Processes;
using LexIntel.Progress.Chaos.Readers;

namespace LexIntel.Progress.Chaos;

/// <summary>Runs an experiment: starts the processes, lets faults and documents go their ways, lets all settle, and returns what was recorded.</summary>
internal sealed class Orchestrator(ChaosOptions options, Action<string> say)
{
    private const int Documents = 200;
    private const int ReadersPerDocument = 2;
    private const int Workers = 4;
    private const int Backends = 2;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(16);

    private readonly History _history = new();

    public async Task<History> RunAsync(CancellationToken cancellationToken)
    {
        using var children = new Children(options.Log);
        await using var redis = await RedisPair.StartAsync(children);
        await using var workersWay = new FaultProxy(redis.Port);
        await using var backendsWay = new FaultProxy(redis.Port);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> tasks = [];
        try
        {
            var backends = await Task.WhenAll(Enumerable.Range(0, Backends).Select(i => StartBackendAsync(children, $"b{i}", Configuration(backendsWay))));
            var workers = Enumerable.Range(0, Workers).Select(i => new WorkerSlot(i, children, Configuration(workersWay), _history)).ToArray();
            await Task.WhenAll(workers.Select(worker => worker.StartAsync()));
            say($"{Workers} workers, {Backends} backends, {Documents} documents, {Documents * ReadersPerDocument} readers");

            tasks.Add(Task.Run(() => WatchMachineAsync(over.Token), CancellationToken.None));
            tasks.AddRange(StartReaders(backends, over.Token));
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            stopping.CancelAfter(options.Duration - Settling);
            var directors = StartDirectors(workers, stopping.Token, out var directing);
            var injector = new FaultInjector(redis, workersWay, backendsWay, workers, _history);
            await InjectFaultsAsync(injector, stopping.Token);
            await Task.WhenAll(directing);
            cancellationToken.ThrowIfCancellationRequested();
            await SettleAsync(directors, workers, cancellationToken);
            await ReadStoreAsync(redis);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(tasks);
        }

        return _history;
    }

    private static string Configuration(FaultProxy way) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{way.Port}");

    private async Task<Uri> StartBackendAsync(Children children, string name, string redis)
    {
        const string listening = "Now listening on: ";
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        children.StartBackend(name, redis, _history.Limits, line =>
        {
            if (line.IndexOf(listening, StringComparison.Ordinal) is >= 0 and var at)
                address.TrySetResult(new Uri(line[(at + listening.Length)..]));
        });
        return await address.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private IEnumerable<Task> StartReaders(Uri[] backends, CancellationToken cancellationToken)
    {
        Reader.IsSettling = false;
        var random = new Random(options.Seed + 1);
        var (normal, slow) = (ReaderClient.Create(receiveBuffer: null), ReaderClient.Create(receiveBuffer: 2048));
        for (var i = 0; i < Documents * ReadersPerDocument; i++)
        {
            // Each flood has a reader that does not keep up with it.
            var kind = random.Next(100) switch
            {
                _ when i < Documents && IsFlood(i) => ReaderKind.Slow,
                < 60 => ReaderKind.Steady,
                < 75 => ReaderKind.Slow,
                _ => ReaderKind.Hopper,
            };
            ReaderLog log = new(i, Name(i % Documents), kind);
            _history.Readers.Add(log);
            yield return new Reader(log, random.Next(), kind == ReaderKind.Slow ? slow : normal, backends).RunAsync(cancellationToken);
        }
    }

    private Director[] StartDirectors(WorkerSlot[] workers, CancellationToken stopping, out Task[] directing)
    {
        var random = new Random(options.Seed + 2);
        var numbers = new JobNumbers();
        Director[] directors = [.. Enumerable.Range(0, Documents).Select(i => new Director(Name(i), IsFlood(i), random.Next(), workers, _history, numbers, stopping))];
        directing = [.. directors.Select(director => director.RunAsync())];
        return directors;
    }

    private async Task InjectFaultsAsync(FaultInjector injector, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(3000, stopping);
            foreach (var fault in FaultSchedule.Of(options.Seed))
            {
                await Task.Delay(fault.After, stopping);
                say($"{fault.Kind} {fault.Lasts} ms");
                await injector.InjectAsync(fault);
            }
        }
        catch (OperationCanceledException)
        {
            // The time of faults is over, and the last has ended.
        }
    }

    /// <summary>
    /// After the faults: most documents get a last attempt that ends, some one that goes on quietly, some nothing more; then one worker is
    /// killed, so that the death of its quiet jobs can be seen undisturbed.
    /// </summary>
    private async Task SettleAsync(Director[] directors, WorkerSlot[] workers, CancellationToken cancellationToken)
    {
        say("settling");
        var random = new Random(options.Seed + 3);
        Reader.IsSettling = true;
        await Task.Delay(500, cancellationToken);
        List<Task> ends = [];
        foreach (var director in directors)
        {
            var (choice, worker) = (random.Next(100), workers[random.Next(workers.Length)]);
            if (choice < 90)
                ends.Add(director.EndAsync(worker, choice < 50 ? "complete" : choice < 60 ? "fail" : choice < 65 ? "retry" : "never"));
        }

        await Task.WhenAll(ends).WaitAsync(cancellationToken);
        await Task.Delay(3500, cancellationToken);
        var victim = workers[random.Next(workers.Length)];
        var name = victim.Name;
        lock (_history)
            _history.Disturbances.Add(new(Disturbance.Killed, Clock.Now, double.PositiveInfinity, name));
        victim.Kill();
        var limits = _history.Limits;
        await Task.Delay((int)(limits.Lease + limits.Quiet + limits.Slack + 1500), cancellationToken);
        foreach (var worker in workers.Where(worker => worker.IsAlive))
            await worker.DescribeAsync();
        foreach (var worker in workers.Where(worker => worker.IsAlive))
            worker.Kill();
    }

    private async Task ReadStoreAsync(RedisPair redis)
    {
        var answers = await RedisCommands.CallAsync(redis.Port, [.. Enumerable.Range(0, Documents).Select(i => $"GET document:{Name(i)}:progress")]);
        for (var i = 0; i < Documents; i++)
        {
            if (answers[i] is { } json)
                _history.Stored[Name(i)] = SeenState.Parse(json)!;
        }

        _history.EndedAt = Clock.Now;
    }

    /// <summary>When this process itself does not run, what it saw late was not late.</summary>
    private async Task WatchMachineAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var last = Clock.Now; ; last = Clock.Now)
            {
                await Task.Delay(50, cancellationToken);
                if (Clock.Now - last > 700)
                {
                    lock (_history)
                        _history.Disturbances.Add(new("machine", last, Clock.Now));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The experiment is over.
        }
    }

    private static bool IsFlood(int document) => document % 10 == 0;

    private static string Name(int document) => string.Create(CultureInfo.InvariantCulture, $"d{document}");
}
