namespace LexIntel.Progress.LoadTest.Processes;

/// <summary>Programs that an experiment needs besides itself.</summary>
internal static class Programs
{
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["redis-server"] = "redis-server",
        ["redis-cli"] = "redis-tools",
        ["initdb"] = "postgresql",
        ["nginx"] = "nginx libnginx-mod-nchan",
        ["node"] = "nodejs npm",
        ["npm"] = "nodejs npm",
    };

    /// <exception cref="InvalidOperationException">It is not installed; the message says how to install it.</exception>
    public static string Find(string name, params string[] moreFolders) => TryFind(name, moreFolders)
        ?? throw new InvalidOperationException($"{name} is not installed. Install it: apt-get install {Packages.GetValueOrDefault(name, name)}");

    public static string? TryFind(string name, params string[] moreFolders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(moreFolders).Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
