using System.Collections.Concurrent;
using System.Globalization;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>The processes of an experiment. None outlives it, however it ends.</summary>
internal sealed class Children : IDisposable
{
    private readonly ConcurrentDictionary<int, ChildProcess> _children = new();
    private readonly ChildProcess _guard;
    private readonly Lock _gate = new();
    private readonly StreamWriter? _log;

    public Children(string? log)
    {
        _log = log is null ? null : new StreamWriter(log) { AutoFlush = true };
        _guard = new(Program, ["guard"], [], static _ => { }, static _ => { });
    }

    private static string Program => typeof(Children).Assembly.Location;

    public ChildProcess StartWorker(string name, string redis, Limits limits, Action<string> read) => Start(name, Program, ["worker", name, redis], limits.Environment, read);

    public ChildProcess StartBackend(string name, string redis, Limits limits, Action<string> read) => Start(
        name, Sample("StreamHost"), ["--urls", "http://127.0.0.1:0"], [.. limits.Environment, ("ConnectionStrings__Redis", $"{redis},name={name}"), ("Logging__LogLevel__Microsoft.AspNetCore", "Warning")], read);

    /// <summary>A process that somebody else starts and ends, but that must not be left behind either.</summary>
    public void Guard(int id)
    {
        lock (_gate)
            _guard.WriteLine(id.ToString(CultureInfo.InvariantCulture));
    }

    public void Unguard(int id) => Guard(-id);

    public void End(ChildProcess child)
    {
        child.Kill();
        Unguard(child.Id);
        _children.TryRemove(child.Id, out _);
    }

    public void Dispose()
    {
        foreach (var child in _children.Values)
            child.Kill();
        // The guard kills what is left, and ends.
        _guard.CloseInput();
        _log?.Dispose();
    }

    private ChildProcess Start(string name, string program, IEnumerable<string> arguments, IEnumerable<(string, string)> environment, Action<string> read)
    {
        var child = new ChildProcess(program, arguments, environment, line =>
        {
            read(line);
            if (!line.StartsWith('{'))
                Log(name, line);
        }, line => Log(name, line));
        _children[child.Id] = child;
        Guard(child.Id);
        return child;
    }

    private void Log(string name, string line)
    {
        if (_log is null)
            return;
        lock (_gate)
            _log.WriteLine($"{Clock.Now:F0} {name} {line}");
    }

    /// <summary>Where a sample was built, in the configuration of this program.</summary>
    private static string Sample(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, $"{project}.dll");
    }
}
