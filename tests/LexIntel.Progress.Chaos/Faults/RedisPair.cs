using System.Globalization;
using System.Text;
using LexIntel.Progress.Chaos.Processes;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Chaos.Faults;

/// <summary>A master and a replica that may take its place.</summary>
internal sealed class RedisPair : IAsyncDisposable
{
    private readonly Children _children;
    private RedisServer _master;
    private RedisServer _replica;

    private RedisPair(Children children, RedisServer master, RedisServer replica) => (_children, _master, _replica) = (children, master, replica);

    public int Port => _master.Port;

    public static async Task<RedisPair> StartAsync(Children children)
    {
        var pair = new RedisPair(children, await RedisServer.LaunchAsync(), await RedisServer.LaunchAsync());
        children.Guard(pair._master.ProcessId);
        children.Guard(pair._replica.ProcessId);
        await pair.FollowAsync();
        return pair;
    }

    public Task<byte[]?> CallAsync(string command) => RedisCommands.CallAsync(Port, command);

    public void Freeze() => _master.Freeze();

    public void Resume() => _master.Resume();

    public Task KillAsync() => KillAsync(_master);

    public async Task StartMasterAsync()
    {
        await _master.StartAsync();
        _children.Guard(_master.ProcessId);
    }

    /// <summary>The replica stops to follow: from now on it lacks what is stored. <see langword="false"/> when it had not followed at all.</summary>
    public async Task<bool> DetachReplicaAsync()
    {
        var info = await RedisCommands.CallAsync(_replica.Port, "INFO replication");
        if (!Encoding.UTF8.GetString(info!).Contains("master_link_status:up", StringComparison.Ordinal))
            return false;
        await RedisCommands.CallAsync(_replica.Port, "REPLICAOF NO ONE");
        return true;
    }

    /// <summary>The master dies, and the replica takes its place. The server that died comes back as the replica.</summary>
    public async Task FailOverAsync(Action isOver)
    {
        await KillAsync(_master);
        (_master, _replica) = (_replica, _master);
        isOver();
        await _replica.StartAsync();
        _children.Guard(_replica.ProcessId);
        await FollowAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _master.DisposeAsync();
        await _replica.DisposeAsync();
    }

    private Task<byte[]?> FollowAsync() => RedisCommands.CallAsync(_replica.Port, string.Create(CultureInfo.InvariantCulture, $"REPLICAOF 127.0.0.1 {_master.Port}"));

    private async Task KillAsync(RedisServer server)
    {
        var id = server.ProcessId;
        await server.StopAsync();
        _children.Unguard(id);
    }
}
