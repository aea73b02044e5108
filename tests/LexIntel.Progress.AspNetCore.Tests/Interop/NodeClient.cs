using System.Diagnostics;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests.Interop;

/// <summary>A process of Node with a client of others. Its packages are installed once, by the lock file, into the folder of what is built.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly string Source = Path.Combine(Checkout.Root, "tests/LexIntel.Progress.AspNetCore.Tests/Interop/node");
    private static readonly string Folder = Path.Combine(Checkout.Root, "artifacts/interop");
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    private readonly Process _process;

    private NodeClient(Process process) => _process = process;

    /// <summary>Why there is no Node here; <see langword="null"/> when there is one.</summary>
    public static string? WhyMissing { get; } = FindWhyMissing();

    public static async Task<NodeClient> StartAsync(string client, Uri address)
    {
        await Installed.Value;
        return new(Start("node", ["--experimental-websocket", "--no-warnings", "watch.js", client, address.ToString()]));
    }

    /// <summary>The next line that it prints; <see langword="null"/> when it has ended well.</summary>
    public async Task<string?> ReadAsync()
    {
        if (await _process.StandardOutput.ReadLineAsync().WithinAsync("a line of Node's") is { } line)
            return line;
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, await _process.StandardError.ReadToEndAsync());
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task InstallAsync()
    {
        Directory.CreateDirectory(Folder);
        var isNew = false;
        foreach (var file in Directory.GetFiles(Source, "*.js*"))
        {
            var copy = Path.Combine(Folder, Path.GetFileName(file));
            var text = await File.ReadAllTextAsync(file);
            if (File.Exists(copy) && await File.ReadAllTextAsync(copy) == text)
                continue;
            await File.WriteAllTextAsync(copy, text);
            isNew = true;
        }

        if (!isNew && Directory.Exists(Path.Combine(Folder, "node_modules")))
            return;
        using var npm = Start("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        var errors = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"npm ci in {Folder} failed:\n{errors}");
    }

    private static Process Start(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static string? FindWhyMissing()
    {
        const string why = "Node 20 or newer with npm is missing: see https://nodejs.org.";
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", ["-p", "process.versions.node.split('.')[0]"]) { RedirectStandardOutput = true })!;
            using var npm = Process.Start(new ProcessStartInfo("npm", ["--version"]) { RedirectStandardOutput = true })!;
            return int.TryParse(node.StandardOutput.ReadToEnd(), out var version) && version >= 20 && npm.StandardOutput.ReadToEnd().Length > 0 ? null : why;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return why;
        }
    }
}
