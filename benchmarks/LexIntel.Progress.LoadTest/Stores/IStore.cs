using LexIntel.Progress.LoadTest.Processes;

namespace LexIntel.Progress.LoadTest.Stores;

/// <summary>Where workers leave states and servers find them.</summary>
internal interface IStore : IAsyncDisposable
{
    /// <summary>Its process; <see langword="null"/> when it runs inside of others.</summary>
    ChildProcess? Process { get; }

    /// <summary>How to connect to it.</summary>
    string Configuration { get; }

    /// <summary>How many reads of states it has executed.</summary>
    Task<double> ReadsAsync();

    static async Task<IStore> StartAsync(StoreKind kind, Children children, CancellationToken cancellationToken) => kind switch
    {
        StoreKind.Redis => await RedisStore.StartAsync(children, cancellationToken),
        StoreKind.Postgres => await PostgresStore.StartAsync(children, cancellationToken),
        _ => new SqliteStore(children.MakeFolder()),
    };
}

/// <summary>What the store is.</summary>
internal enum StoreKind
{
    Redis,
    Postgres,
    Sqlite,
}
