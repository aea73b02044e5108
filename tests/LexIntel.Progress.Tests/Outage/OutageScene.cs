using System.Collections.Concurrent;
using System.Diagnostics;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>
/// A worker with a running job on each document, and a host with a reader of each and a database: what all of them must live through,
/// whatever happens to Redis.
/// </summary>
internal sealed class OutageScene : IAsyncDisposable
{
    private const int Documents = 150;
    private const int SourceBatch = 100;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly SourceRecord _record = new();
    private readonly ConcurrentQueue<int> _asked = new();
    private readonly Stopwatch _sinceStart = new();
    private readonly List<History> _histories = [];
    private readonly List<ProgressJob> _jobs = [];

    private OutageScene(string workersWay, string hostsWay)
    {
        _record.Answer = ids =>
        {
            _asked.Enqueue(ids.Count);
            return [.. ids.Select(id => new ProgressSnapshot { DocumentId = id, Status = ProgressStatus.Processing, Percent = 1, Message = "from the database", Timestamp = DateTimeOffset.UtcNow })];
        };
        Worker = ProgressApp.Create(builder => builder.UseRedis(workersWay + ",connectTimeout=1000"), Configure);
        Host = ProgressApp.Create(
            builder =>
            {
                builder.Services.AddSingleton(_record);
                builder.UseRedis(hostsWay + ",connectTimeout=1000").UseSnapshotSource<RecordSource>();
            },
            Configure);
    }

    public ProgressApp Worker { get; }

    public ProgressApp Host { get; }

    /// <summary>Opens everything, and waits until every reader has the first state.</summary>
    public static async Task<OutageScene> OpenAsync(string workersWay, string? hostsWay = null)
    {
        var scene = new OutageScene(workersWay, hostsWay ?? workersWay);
        for (var i = 0; i < Documents; i++)
        {
            scene._jobs.Add(scene.Worker.Publisher.Start(Name(i)));
            scene._histories.Add(new(scene.Host.Subscriber, Name(i)));
        }

        await scene.ReportAsync("before");
        await scene.SeeAsync("before");
        // What was asked before anything was stored does not count.
        scene._asked.Clear();
        scene._sinceStart.Restart();
        return scene;
    }

    /// <summary>A new step of every job, which returns whatever Redis does.</summary>
    public void Report(string step)
    {
        foreach (var job in _jobs)
            job.StartStep(step);
    }

    /// <summary>A new step of every job, and its way into the store.</summary>
    public async Task ReportAsync(string step)
    {
        Report(step);
        await Worker.FlushAsync();
    }

    /// <summary>Waits until every reader has a step.</summary>
    public async Task SeeAsync(string step)
    {
        foreach (var history in _histories)
            await history.UntilAsync(state => state.Step == step, $"step {step}");
    }

    public Task DegradedAsync() => Eventually.TrueAsync(() => Host.Hub.Degradation is not null, "the host to be degraded");

    /// <summary>While degraded, the database is asked for every document, and somebody who comes now gets what it says.</summary>
    public async Task SourceStandsInAsync()
    {
        await Eventually.TrueAsync(() => _asked.Sum() >= Documents, "the database to be asked for all documents");
        await using var late = new History(Host.Subscriber, "only in the database");
        Assert.Equal("from the database", (await late.NextAsync()).Message);
    }

    /// <summary>After the outage: the host recovers, every reader gets the newest state and the end, and nobody saw anything fall or end early.</summary>
    public async Task RecoverAsync(string newest)
    {
        await Eventually.TrueAsync(() => Host.Hub.Degradation is null, "the host to recover");
        await SeeAsync(newest);
        AssertSourceWasAskedGently();
        foreach (var job in _jobs)
            job.Complete();
        foreach (var history in _histories)
        {
            var states = (await history.EndAsync()).Where(state => state.Revision is not null).ToList();
            Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision, $"{pair.First.Revision} was followed by {pair.Second.Revision}"));
            Assert.Equal(ProgressStatus.Completed, states[^1].Status);
            Assert.Single(states, state => state.IsTerminal);
            Assert.All(states, state => Assert.Equal(1, state.Run));
        }

        Assert.Empty(Worker.Log.Named("PumpFailed"));
        Assert.Empty(Host.Log.Named("HubFailed"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var history in _histories)
            await history.DisposeAsync();
        await Host.DisposeAsync();
        await Worker.DisposeAsync();
    }

    private static string Name(int i) => $"d{i}";

    private static void Configure(ProgressOptions options) =>
        (options.QuietInterval, options.BackplaneTimeout, options.Lease, options.ShutdownFlush) = (Quiet, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(3), TimeSpan.Zero);

    /// <summary>No more often than a quiet document would be read, which is a fifth earlier than it must be, many in one call. The first question travels alone; the others gather.</summary>
    private void AssertSourceWasAskedGently()
    {
        Assert.All(_asked, count => Assert.InRange(count, 1, SourceBatch));
        var rounds = (_sinceStart.Elapsed / (Quiet * 0.8)) + 2;
        var most = rounds * (2 + ((Documents + SourceBatch - 1) / SourceBatch));
        Assert.InRange(_asked.Count, 1, (int)most);
    }
}
