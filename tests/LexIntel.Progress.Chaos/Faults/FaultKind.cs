namespace LexIntel.Progress.Chaos.Faults;

internal enum FaultKind
{
    /// <summary>kill -9, and after a while an empty server.</summary>
    KillRedis,

    /// <summary>SIGSTOP for longer than every timeout, then SIGCONT: what timed out is executed late.</summary>
    FreezeRedis,

    Flush,

    /// <summary>All connections break, perhaps several times in quick succession.</summary>
    DropConnections,

    /// <summary>Every byte takes longer.</summary>
    Delay,

    /// <summary>What is sent to Redis does not arrive before the end of the fault.</summary>
    FreezeToRedis,

    /// <summary>As before, and then the connections break: what was on the way arrives when newer commands have come over new connections.</summary>
    LateToRedis,

    /// <summary>What Redis sends, on some connections or all, does not arrive before the end of the fault.</summary>
    FreezeFromRedis,

    /// <summary>A replica that had stopped to follow becomes the master.</summary>
    Failover,

    /// <summary>CLIENT PAUSE: Redis answers nobody.</summary>
    PauseClients,

    /// <summary>CLIENT KILL TYPE pubsub, as Redis does with subscribers that are too slow.</summary>
    KillSubscribers,

    /// <summary>SIGKILL of a worker, and after a while a new process.</summary>
    KillWorker,

    /// <summary>SIGSTOP of a worker, then SIGCONT.</summary>
    FreezeWorker,
}
