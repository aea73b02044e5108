using System.Globalization;
using LexIntel.Progress.LoadTest.Processes;
using Npgsql;

namespace LexIntel.Progress.LoadTest.Stores;

/// <summary>A PostgreSQL cluster of the experiment's own in a temporary folder, with default settings.</summary>
internal sealed class PostgresStore : IStore
{
    public const string Table = "CREATE TABLE progress (id text PRIMARY KEY, state text NOT NULL)";

    private PostgresStore(ChildProcess process, string configuration) => (Process, Configuration) = (process, configuration);

    public ChildProcess Process { get; }

    public string Configuration { get; }

    public static async Task<PostgresStore> StartAsync(Children children, CancellationToken cancellationToken)
    {
        var initdb = Programs.Find("initdb", [.. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(static version => $"{version}/bin") : []]);
        var folder = children.MakeFolder().FullName;
        // PostgreSQL refuses to run as root.
        string[] asOther = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        if (asOther.Length > 0)
            await EndAsync(children.Start("chown", "chown", ["postgres", folder]), cancellationToken);
        await EndAsync(Start(children, "initdb", [.. asOther, initdb, "--auth=trust", "--username=load", "--no-sync", $"{folder}/data"], folder), cancellationToken);
        var port = RedisStore.FreePort().ToString(CultureInfo.InvariantCulture);
        var process = Start(children, "postgres", [.. asOther, Path.Combine(Path.GetDirectoryName(initdb)!, "postgres"), "-D", $"{folder}/data", "-p", port, "-k", folder, "-c", "listen_addresses=127.0.0.1"], folder);
        var configuration = $"Host=127.0.0.1;Port={port};Username=load;Database=postgres";
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"PostgreSQL ended at once. {string.Join(' ', process.Errors)}");
            try
            {
                await using var source = NpgsqlDataSource.Create(configuration);
                await using var command = source.CreateCommand(Table);
                await command.ExecuteNonQueryAsync(cancellationToken);
                return new(process, configuration);
            }
            catch (NpgsqlException)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    public Task<double> ReadsAsync() => Task.FromResult(double.NaN);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ChildProcess Start(Children children, string name, string[] command, string folder) => children.Start(name, command[0], command[1..], directory: folder);

    private static async Task EndAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        if (await process.WaitAsync(cancellationToken) is not 0 and var code)
            throw new InvalidOperationException($"{process.Name} ended with code {code}. {string.Join(' ', process.Errors)}");
    }
}
