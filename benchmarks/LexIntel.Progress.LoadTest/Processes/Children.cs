using System.Globalization;

namespace LexIntel.Progress.LoadTest.Processes;

/// <summary>The processes and folders of one experiment. None outlives it: a guard process removes what is left when this one is killed.</summary>
internal sealed class Children : IDisposable
{
    private readonly List<ChildProcess> _children = [];
    private readonly List<DirectoryInfo> _folders = [];
    private readonly ChildProcess _guard = new("guard", "dotnet", [Program, "--role", "guard"], []);

    private static string Program => typeof(Children).Assembly.Location;

    /// <summary>Starts this executable in another role.</summary>
    public ChildProcess StartRole(string role, IEnumerable<string> arguments, IEnumerable<(string, string)>? environment = null) =>
        Start(role, "dotnet", [Program, "--role", role, .. arguments], environment ?? []);

    public ChildProcess Start(string name, string program, IEnumerable<string> arguments, IEnumerable<(string, string)>? environment = null, string? directory = null)
    {
        var child = new ChildProcess(name, program, arguments, environment ?? [], directory);
        _children.Add(child);
        _guard.Send(string.Create(CultureInfo.InvariantCulture, $"+{child.Id}"));
        return child;
    }

    public DirectoryInfo MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("lexintel-load-");
        _folders.Add(folder);
        _guard.Send($"/{folder.FullName}");
        return folder;
    }

    public void Dispose()
    {
        // In the reverse order: a server that loses its Redis first would spend its last moments on reconnecting.
        for (var i = _children.Count - 1; i >= 0; i--)
            _children[i].Dispose();
        foreach (var folder in _folders)
            Guard.Delete(folder.FullName);
        _guard.Dispose();
    }
}
