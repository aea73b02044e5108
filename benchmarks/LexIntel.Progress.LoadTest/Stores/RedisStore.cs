using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LexIntel.Progress.LoadTest.Processes;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Stores;

/// <summary>A redis-server of the experiment's own on a free port, without persistence.</summary>
internal sealed class RedisStore : IStore
{
    private readonly ConnectionMultiplexer _connection;

    private RedisStore(ChildProcess process, string configuration, ConnectionMultiplexer connection) =>
        (Process, Configuration, _connection) = (process, configuration, connection);

    public ChildProcess Process { get; }

    public string Configuration { get; }

    public static async Task<RedisStore> StartAsync(Children children, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var configuration = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        string[] arguments = ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxclients", "19900"];
        var process = children.Start("redis-server", Programs.Find("redis-server"), arguments, directory: children.MakeFolder().FullName);
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"redis-server ended at once; perhaps port {port} was taken meanwhile.");
            try
            {
                return new(process, configuration, await ConnectionMultiplexer.ConnectAsync($"{configuration},allowAdmin=true,connectRetry=1,connectTimeout=500"));
            }
            catch (RedisConnectionException)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    public async Task<double> ReadsAsync()
    {
        var sections = await _connection.GetServers()[0].InfoAsync("commandstats");
        return sections.SelectMany(static section => section).Where(static pair => pair.Key is "cmdstat_get" or "cmdstat_mget")
            .Sum(static pair => double.Parse(pair.Value["calls=".Length..pair.Value.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
