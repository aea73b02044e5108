using System.Globalization;
using LexIntel.Progress.LoadTest.Processes;

namespace LexIntel.Progress.LoadTest.Stores;

/// <summary>A Cluster of masters of the experiment's own, without replicas and persistence.</summary>
internal static class RedisCluster
{
    public const int Masters = 3;

    // A server that has just been started does not answer at once.
    private const int MostTries = 20;

    /// <summary>Starts one and waits until its slots are spread.</summary>
    /// <returns>Its masters, and how to connect to them.</returns>
    public static async Task<(IReadOnlyList<ChildProcess> Masters, string Configuration)> StartAsync(Children children, CancellationToken cancellationToken)
    {
        var ports = Enumerable.Range(0, Masters).Select(static _ => Text(RedisStore.FreePort())).ToArray();
        ChildProcess[] masters = [.. ports.Select(port => children.Start(
            "redis-server", Programs.Find("redis-server"),
            // Without a port of its own the bus is at the port plus 10,000, which may be none.
            ["--port", port, "--cluster-port", Text(RedisStore.FreePort()), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--cluster-enabled", "yes"],
            directory: children.MakeFolder().FullName))];
        var nodes = ports.Select(static port => $"127.0.0.1:{port}").ToArray();
        for (var tries = 0; ; tries++)
        {
            var create = children.Start("redis-cli", Programs.Find("redis-cli"), ["--cluster", "create", .. nodes, "--cluster-yes"]);
            var code = await create.WaitAsync(cancellationToken);
            if (code == 0)
                return (masters, string.Join(',', nodes));
            if (tries == MostTries)
                throw new InvalidOperationException($"redis-cli --cluster create ended with code {code}. {string.Join(' ', create.Errors)}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
