using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A real Redis Cluster of the test's own: three masters, and a replica of the first where a test asks for one.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    private RedisCluster(IReadOnlyList<RedisServer> nodes) => Nodes = nodes;

    /// <summary>The masters, and then the replica of the first.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>A configuration string of StackExchange.Redis that names one node; the client finds the others.</summary>
    public string Configuration => Nodes[0].Configuration;

    /// <summary>Starts the servers and joins them.</summary>
    /// <param name="withReplica">Whether the first master has a replica, which takes over when it dies.</param>
    /// <param name="settings">More settings of every node.</param>
    public static async Task<RedisCluster> LaunchAsync(bool withReplica = false, params string[] settings)
    {
        var cluster = NotStarted(withReplica, settings);
        await cluster.StartAsync();
        return cluster;
    }

    /// <summary>A Cluster whose ports are known and whose servers do not run yet.</summary>
    public static RedisCluster NotStarted(bool withReplica = false, params string[] settings) =>
        new([.. Enumerable.Range(0, withReplica ? Masters + 1 : Masters).Select(_ => Node(settings))]);

    /// <summary>Starts the servers, joins them, and waits until every node says that the Cluster works.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.StartAsync()));
        await AdministerAsync(["create", .. Nodes.Take(Masters).Select(Address)]);
        if (Nodes.Count > Masters)
        {
            await WaitUntilAsync("cluster_state:ok", Nodes.Take(Masters));
            await AdministerAsync(["add-node", Address(Nodes[Masters]), Nodes[0].Configuration, "--cluster-slave", "--cluster-master-id", await IdAsync(Nodes[0])]);
            await Eventually.GetAsync(() => CommandAsync(Nodes[Masters], "info", "replication"), answer => answer.Contains("master_link_status:up", StringComparison.Ordinal), "a replica that has its master's data");
        }

        await WaitUntilAsync("cluster_state:ok", Nodes);
    }

    /// <summary>The master that a key's slot belongs to, as the first node sees it.</summary>
    public async Task<RedisServer> MasterOfAsync(string key)
    {
        var slot = int.Parse(await SlotOfAsync(Nodes[0], key), CultureInfo.InvariantCulture);
        foreach (var line in (await CommandAsync(Nodes[0], "cluster", "nodes")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ');
            foreach (var range in fields.Skip(8))
            {
                var ends = range.Split('-');
                if (int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first) && slot >= first && slot <= int.Parse(ends[^1], CultureInfo.InvariantCulture))
                    return Nodes.Single(node => fields[1].StartsWith(node.Configuration + "@", StringComparison.Ordinal));
            }
        }

        throw new InvalidOperationException($"No node has slot {slot}.");
    }

    /// <summary>Moves slots with all that is in them, the lowest first, while clients go on.</summary>
    public async Task ReshardAsync(RedisServer from, RedisServer to, int slots) => await AdministerAsync(
        ["reshard", Nodes[0].Configuration, "--cluster-from", await IdAsync(from), "--cluster-to", await IdAsync(to), "--cluster-slots", slots.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>The slot of a key.</summary>
    public static async Task<string> SlotOfAsync(RedisServer node, string key) => (await CommandAsync(node, "cluster", "keyslot", key)).Trim();

    /// <summary>Begins to move a key's slot, and leaves it there: what is not at the source is stored at the target.</summary>
    public static async Task BeginMoveAsync(string key, RedisServer source, RedisServer target)
    {
        var slot = await SlotOfAsync(source, key);
        await CommandAsync(target, "cluster", "setslot", slot, "importing", await IdAsync(source));
        await CommandAsync(source, "cluster", "setslot", slot, "migrating", await IdAsync(target));
    }

    /// <summary>One command of redis-cli to one node.</summary>
    public static Task<string> CommandAsync(RedisServer node, params string[] command)
    {
        ArgumentNullException.ThrowIfNull(node);
        return RunAsync(["-p", node.Port.ToString(CultureInfo.InvariantCulture), .. command]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
    }

    // The bus has a port of its own, because the default, 10,000 above, may be out of range here.
    private static RedisServer Node(string[] settings) => RedisServer.NotStarted(
        ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-port", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), .. settings]);

    private static string Address(RedisServer node) => $"{node.Configuration}@{node.Setting("--cluster-port")}";

    private static async Task<string> IdAsync(RedisServer node) => (await CommandAsync(node, "cluster", "myid")).Trim();

    private static Task<string> AdministerAsync(string[] command) => RunAsync(["--cluster", .. command, "--cluster-yes"]);

    private static async Task WaitUntilAsync(string state, IEnumerable<RedisServer> nodes)
    {
        foreach (var node in nodes)
            await Eventually.GetAsync(() => CommandAsync(node, "cluster", "info"), answer => answer.Contains(state, StringComparison.Ordinal), $"{state} of the node on port {node.Port}");
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"redis-cli {string.Join(' ', arguments)} failed: {await output} {await errors}");
    }
}
