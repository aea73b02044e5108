using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Processes;

namespace LexIntel.Progress.Chaos.Faults;

/// <summary>Makes the faults of the schedule happen, one at a time, and records when they really did.</summary>
internal sealed class FaultInjector(RedisPair redis, FaultProxy workersWay, FaultProxy backendsWay, IReadOnlyList<WorkerSlot> workers, History history)
{
    public async Task InjectAsync(Fault fault)
    {
        var from = Clock.Now;
        switch (fault.Kind)
        {
            case FaultKind.KillWorker:
                await KillWorkerAsync(fault);
                return;
            case FaultKind.FreezeWorker:
                await FreezeWorkerAsync(fault);
                return;
            case FaultKind.KillRedis:
                await redis.KillAsync();
                await WaitAsync(fault);
                await redis.StartMasterAsync();
                break;
            case FaultKind.FreezeRedis:
                redis.Freeze();
                await WaitAsync(fault);
                redis.Resume();
                break;
            case FaultKind.Flush:
                await redis.CallAsync("FLUSHALL");
                break;
            case FaultKind.PauseClients:
                await redis.CallAsync($"CLIENT PAUSE {fault.Lasts} ALL");
                await WaitAsync(fault);
                break;
            case FaultKind.KillSubscribers:
                await redis.CallAsync("CLIENT KILL TYPE pubsub");
                break;
            case FaultKind.Failover:
                if (!await redis.DetachReplicaAsync())
                    return;
                await WaitAsync(fault);
                await redis.FailOverAsync(() => ForWays(2, way =>
                {
                    way.Target = redis.Port;
                    way.Drop();
                }));
                break;
            default:
                await DisturbWaysAsync(fault);
                break;
        }

        Record(new(fault.Kind.ToString(), from, Clock.Now, LosesData: fault.Kind is FaultKind.KillRedis or FaultKind.Flush or FaultKind.Failover));
    }

    private async Task DisturbWaysAsync(Fault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.DropConnections:
                for (var i = 0; i <= fault.Choice % 4; i++)
                {
                    ForWays(fault.Way, way => way.Drop());
                    await Task.Delay(fault.Choice % 150);
                }

                break;
            case FaultKind.Delay:
                ForWays(fault.Way, way => way.Delay = TimeSpan.FromMilliseconds(50 + (fault.Choice % 300)));
                await WaitAsync(fault);
                ForWays(fault.Way, way => way.Delay = TimeSpan.Zero);
                break;
            case FaultKind.FreezeFromRedis:
                var every = 1 + (fault.Choice % 3);
                ForWays(fault.Way, way => way.HoldsFromRedis = number => number % every == 0);
                await WaitAsync(fault);
                ForWays(fault.Way, way => way.HoldsFromRedis = static _ => false);
                break;
            default:
                // Old connections only: what they hold must be able to come later than what is sent over the next.
                ForWays(fault.Way, way => way.HoldsToRedis = static _ => true);
                await WaitAsync(fault);
                if (fault.Kind == FaultKind.LateToRedis)
                {
                    ForWays(fault.Way, way =>
                    {
                        var next = way.Count + 1;
                        way.HoldsToRedis = number => number < next;
                        way.Drop();
                    });
                    await Task.Delay(500 + fault.Choice);
                }

                ForWays(fault.Way, way => way.HoldsToRedis = static _ => false);
                break;
        }
    }

    private async Task KillWorkerAsync(Fault fault)
    {
        var worker = workers[fault.Choice % workers.Count];
        var from = Clock.Now;
        worker.Kill();
        // For its jobs it lasts for ever.
        Record(new(Disturbance.Killed, from, double.PositiveInfinity, worker.Name));
        await WaitAsync(fault);
        await worker.StartAsync();
    }

    private async Task FreezeWorkerAsync(Fault fault)
    {
        var worker = workers[fault.Choice % workers.Count];
        var from = Clock.Now;
        worker.Freeze();
        await WaitAsync(fault);
        worker.Resume();
        Record(new(fault.Kind.ToString(), from, Clock.Now, worker.Name));
    }

    private void ForWays(int choice, Action<FaultProxy> act)
    {
        if (choice != 1)
            act(workersWay);
        if (choice != 0)
            act(backendsWay);
    }

    private void Record(Disturbance disturbance)
    {
        lock (history)
            history.Disturbances.Add(disturbance);
    }

    private static Task WaitAsync(Fault fault) => Task.Delay(fault.Lasts);
}
