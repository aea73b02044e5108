using LexIntel.Progress.Testing;

namespace DocumentPipeline.Tests.Support;

/// <summary>A real PostgreSQL server for the tests of a class; each has a database of its own.</summary>
public sealed class Postgres : IAsyncLifetime
{
    private PostgresServer? _server;
    private int _databases;

    /// <summary>How the sample is told to use a new database. Ends the test as skipped when there is no server.</summary>
    internal (string Name, string Value) NewDatabase()
    {
        if (_server is null)
            Assert.Skip(PostgresServer.WhyMissing!);
        return ("ConnectionStrings__Postgres", _server.Database($"pipeline{Interlocked.Increment(ref _databases)}"));
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.WhyMissing is null)
            _server = await PostgresServer.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
