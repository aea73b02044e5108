using System.Globalization;
using LexIntel.Progress.LoadTest.Processes;
using LexIntel.Progress.LoadTest.Scenarios;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>Starts the process of a server under test and learns its port.</summary>
internal static class ServerLauncher
{
    private static string Peers => Path.Combine(AppContext.BaseDirectory, "peers");

    public static async Task<(ChildProcess Process, string Port)> StartAsync(Children children, Contestant contestant, string store, CancellationToken cancellationToken)
    {
        if (contestant.Runtime == ServerRuntime.Nginx)
            return await StartNginxAsync(children, store, cancellationToken);
        var process = contestant.Runtime == ServerRuntime.Node
            ? children.Start("server", Programs.Find("node"), [$"{contestant.Server}.js", store], [("NODE_ENV", "production")], await InstallAsync(children, cancellationToken))
            : children.StartRole("server", [contestant.Server, store], contestant.Environment);
        return (process, await process.ReadAsync(cancellationToken));
    }

    /// <summary>The peers' packages, installed once, where this program was built.</summary>
    private static async Task<string> InstallAsync(Children children, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Path.Combine(Peers, "node_modules")))
            return Peers;
        var npm = children.Start("npm", Programs.Find("npm"), ["ci", "--loglevel=error"], directory: Peers);
        if (await npm.WaitAsync(cancellationToken) is not 0 and var code)
            throw new InvalidOperationException($"npm ci in {Peers} ended with code {code}. {string.Join(' ', npm.Errors)}");
        return Peers;
    }

    private static async Task<(ChildProcess, string)> StartNginxAsync(Children children, string store, CancellationToken cancellationToken)
    {
        const string Module = "/usr/lib/nginx/modules/ngx_nchan_module.so";
        if (!File.Exists(Module))
            throw new InvalidOperationException("nchan is not installed. Install it: apt-get install libnginx-mod-nchan");
        var folder = children.MakeFolder().FullName;
        // As root, nginx would run its workers as another user, who may not enter a temporary folder.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var port = RedisStore.FreePort().ToString(CultureInfo.InvariantCulture);
        var configuration = (await File.ReadAllTextAsync(Path.Combine(Peers, "nginx.conf"), cancellationToken))
            .Replace("MODULE;", $"{Module};", StringComparison.Ordinal)
            .Replace("redis://REDIS", $"redis://{store}", StringComparison.Ordinal)
            .Replace(":PORT ", $":{port} ", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), configuration, cancellationToken);
        var process = children.Start("server", Programs.Find("nginx"), ["-p", folder, "-c", "nginx.conf"], directory: folder);
        while (!await AnswersAsync(port, cancellationToken))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"nginx ended at once. {string.Join(' ', process.Errors)}");
            await Task.Delay(50, cancellationToken);
        }

        return (process, port);
    }

    private static async Task<bool> AnswersAsync(string port, CancellationToken cancellationToken)
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture), cancellationToken);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}

/// <summary>What a server is made of.</summary>
internal enum ServerRuntime
{
    /// <summary>A role of this executable.</summary>
    DotNet,
    Node,
    Nginx,
}
