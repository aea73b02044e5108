using System.Diagnostics;
using System.Globalization;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>Behind nginx with nothing but proxy_pass: HTTP/1.0 to the upstream and buffering on, which is its default.</summary>
public sealed class NginxTests
{
    private const string Program = "/usr/sbin/nginx";

    [Fact]
    public async Task Default_nginx_passes_events_on_at_once()
    {
        Assert.SkipUnless(File.Exists(Program), "nginx is not installed. Install it (apt-get install nginx), or run ./test.sh, which does.");
        await using var host = await TestHost.StartAsync();
        await using var nginx = await Nginx.StartAsync(host.Address);
        await using var stream = await SseConnection.OpenAsync(nginx.Address, "/progress/documents/a%2Fb/stream");

        Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 10));
        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        await host.PublishAsync(new("a/b", "extraction", 100) { Status = ProgressStatus.Completed });
        Assert.Contains("completed", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.EndsWith("-end", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Null(await stream.ReadNewsAsync());
    }

    private sealed class Nginx(Process process, DirectoryInfo folder, Uri address) : IAsyncDisposable
    {
        public Uri Address { get; } = address;

        public static async Task<Nginx> StartAsync(Uri upstream)
        {
            var folder = Directory.CreateTempSubdirectory("lexintel-nginx-");
            var port = LoopbackPort.Free();
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nginx.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
                daemon off; pid {{folder.FullName}}/nginx.pid; error_log stderr;
                events {}
                http {
                  access_log off;
                  client_body_temp_path {{folder.FullName}}/body; proxy_temp_path {{folder.FullName}}/proxy;
                  fastcgi_temp_path {{folder.FullName}}/fastcgi; uwsgi_temp_path {{folder.FullName}}/uwsgi; scgi_temp_path {{folder.FullName}}/scgi;
                  server { listen 127.0.0.1:{{port}}; location / { proxy_pass {{upstream.ToString().TrimEnd('/')}}; } }
                }
                """));
            var process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(folder.FullName, "nginx.conf"), "-e", "stderr"]) { RedirectStandardError = true })!;
            process.BeginErrorReadLine();
            var address = new Uri($"http://127.0.0.1:{port}");
            using var client = new HttpClient();
            await Eventually.GetAsync(() => AnswersAsync(client, address), static answers => answers, "an answer of nginx");
            return new(process, folder, address);
        }

        public async ValueTask DisposeAsync()
        {
            // SIGQUIT would wait for open streams; the master takes its workers along on SIGTERM.
            using (var kill = Process.Start("kill", [process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync();
            await process.WaitForExitAsync();
            process.Dispose();
            folder.Delete(recursive: true);
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
}
