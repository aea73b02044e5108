using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace LexIntel.Progress.Testing;

/// <summary>A real HAProxy that cuts what is silent for two seconds.</summary>
public sealed class HaproxyServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/haproxy";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private HaproxyServer(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    /// <summary>Why none can be started here; <see langword="null"/> when one can.</summary>
    public static string? WhyMissing { get; } = File.Exists(Program)
        ? null
        : "haproxy is not installed. Install it (apt-get install haproxy), or run ./test.sh, which does.";

    /// <summary>Where clients connect to.</summary>
    public Uri Address { get; }

    /// <summary>Starts HAProxy and waits until it accepts connections.</summary>
    /// <param name="upstream">The host behind it.</param>
    public static async Task<HaproxyServer> LaunchAsync(Uri upstream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        var folder = Directory.CreateTempSubdirectory("lexintel-haproxy-");
        var port = LoopbackPort.Free();
        var file = Path.Combine(folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
            defaults
              mode http
              timeout connect 5s
              timeout client 1m
              timeout server 2s
            frontend pages
              bind 127.0.0.1:{port}
              default_backend hosts
            backend hosts
              server host {upstream.Authority}

            """));
        var process = Process.Start(new ProcessStartInfo(Program, ["-db", "-f", file]) { RedirectStandardError = true })!;
        process.BeginErrorReadLine();
        await Eventually.GetAsync(() => AcceptsAsync(port), static accepts => accepts, "HAProxy to accept connections");
        return new(process, folder, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
