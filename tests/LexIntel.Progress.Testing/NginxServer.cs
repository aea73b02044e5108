using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A real nginx of the test's own, before one or several hosts, with nothing but <c>proxy_pass</c> unless the test says more.</summary>
public sealed class NginxServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private NginxServer(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    /// <summary>Why none can be started here; <see langword="null"/> when one can.</summary>
    public static string? WhyMissing { get; } = File.Exists(Program)
        ? null
        : "nginx is not installed. Install it (apt-get install nginx), or run ./test.sh, which does.";

    /// <summary>Where clients connect to.</summary>
    public Uri Address { get; }

    /// <summary>Starts nginx and waits until it answers.</summary>
    /// <param name="upstream">The host behind it.</param>
    /// <param name="more">More of the location's configuration.</param>
    public static Task<NginxServer> LaunchAsync(Uri upstream, string more = "") => LaunchAsync([upstream], more);

    /// <inheritdoc cref="LaunchAsync(Uri, string)"/>
    /// <param name="upstreams">The hosts behind it, in turn; the next when one does not accept connections.</param>
    /// <param name="more">More of the location's configuration.</param>
    public static async Task<NginxServer> LaunchAsync(IReadOnlyList<Uri> upstreams, string more = "")
    {
        ArgumentNullException.ThrowIfNull(upstreams);
        var folder = Directory.CreateTempSubdirectory("lexintel-nginx-");
        var port = LoopbackPort.Free();
        var servers = string.Concat(upstreams.Select(upstream => $"server {upstream.Authority} max_fails=0; "));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nginx.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off; pid {{folder.FullName}}/nginx.pid; error_log stderr;
            events { worker_connections 12000; }
            http {
              access_log off;
              client_body_temp_path {{folder.FullName}}/body; proxy_temp_path {{folder.FullName}}/proxy;
              fastcgi_temp_path {{folder.FullName}}/fastcgi; uwsgi_temp_path {{folder.FullName}}/uwsgi; scgi_temp_path {{folder.FullName}}/scgi;
              upstream hosts { {{servers}}}
              server { listen 127.0.0.1:{{port}}; location / { proxy_pass http://hosts; {{more}} } }
            }
            """));
        var process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(folder.FullName, "nginx.conf"), "-e", "stderr"]) { RedirectStandardError = true })!;
        process.BeginErrorReadLine();
        var address = new Uri($"http://127.0.0.1:{port}");
        using var client = new HttpClient();
        await Eventually.GetAsync(() => AnswersAsync(client, address), static answers => answers, "an answer of nginx");
        return new(process, folder, address);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // SIGQUIT would wait for open streams; the master takes its workers along on SIGTERM.
        using (var kill = Process.Start("kill", [_process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> AnswersAsync(HttpClient client, Uri address)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(address, "/"));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
