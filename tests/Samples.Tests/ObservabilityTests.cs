using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;

namespace Samples.Tests;

/// <summary>The dashboard and the alerts against a Prometheus that really scrapes the sample.</summary>
public sealed class ObservabilityTests
{
    private const string Prometheus = "/usr/bin/prometheus";
    private const string Promtool = "/usr/bin/promtool";
    private const string WhyMissing = "prometheus is not installed. Install it (apt-get install prometheus), or run ./test.sh, which does.";

    private static readonly string Folder = Path.Combine(Checkout.Root, "samples/Observability");

    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("test", "rules", "alerts_test.yml")]
    public async Task Promtool_finds_nothing_wrong(params string[] command)
    {
        Assert.SkipUnless(File.Exists(Promtool), WhyMissing);
        using var promtool = Process.Start(new ProcessStartInfo(Promtool, command) { WorkingDirectory = Path.Combine(Folder, "prometheus"), RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, output);
    }

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_is_one_that_the_library_has()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs/operations.md"));
        var documented = Regex.Matches(page, @"^\| `(lexintel\.progress\.[a-z._]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value.Replace('.', '_')).ToList();
        var used = Metrics(await File.ReadAllTextAsync(Path.Combine(Folder, "grafana/dashboard.json"))).Concat(Metrics(await File.ReadAllTextAsync(Path.Combine(Folder, "prometheus/alerts.yml"))));

        Assert.All(used, metric => Assert.Contains(documented, name => Regex.IsMatch(metric, $"^{name}(_total|_seconds_bucket|_seconds_count|_seconds_sum)?$")));
    }

    [Fact]
    public async Task Sample_is_scraped_and_every_panel_and_rule_has_an_answer()
    {
        Assert.SkipUnless(File.Exists(Prometheus), WhyMissing);
        await using var sample = await SampleProcess.StartAsync("Observability", ("Demo__PageMilliseconds", "10"));
        Assert.Equal("Healthy", await sample.GetAsync("/health/live"));
        Assert.Equal("Healthy", await sample.GetAsync("/health/ready"));
        await using var prometheus = await PrometheusServer.StartAsync(sample.Client.BaseAddress!);
        _ = await sample.StreamAsync("watched");

        // Two scrapes, so that rates have something to count.
        await Eventually.GetAsync(() => prometheus.AskAsync("rate(lexintel_progress_states_delivered_total[1m])"), static answer => answer.Count > 0, "a rate");
        await Eventually.GetAsync(() => prometheus.AskAsync("lexintel_progress_streams"), static answer => answer.Count > 0, "the stream");
        await Eventually.GetAsync(() => prometheus.AskAsync("lexintel_progress_updates_stored_total{status='failed'}"), static answer => answer.Count > 0, "the document that fails on purpose");

        foreach (var expression in Expressions())
        {
            // Throws when Prometheus refuses it.
            var answer = await prometheus.AskAsync(expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$job", ".*", StringComparison.Ordinal));
            // What is wrong only on bad days has no series on a good one.
            if (!Regex.IsMatch(expression, "dropped|refused|foreign|rereads|heartbeats|stream_duration"))
                Assert.True(answer.Count > 0, $"No answer to {expression}");
        }

        Assert.All(await prometheus.RulesAsync(), rule => Assert.Equal("ok", rule));
    }

    private static IEnumerable<string> Expressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana/dashboard.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().ToList() : [])
            .Select(target => target.GetProperty("expr").GetString()!)];
    }

    private static IEnumerable<string> Metrics(string text) => Regex.Matches(text, "lexintel_progress_[a-z_]+").Select(match => match.Value).Distinct();

    /// <summary>A real Prometheus with the sample's configuration, changed in address and pace.</summary>
    private sealed class PrometheusServer(Process process, DirectoryInfo folder, HttpClient client) : IAsyncDisposable
    {
        public static async Task<PrometheusServer> StartAsync(Uri target)
        {
            var folder = Directory.CreateTempSubdirectory("lexintel-prometheus-");
            var configuration = await File.ReadAllTextAsync(Path.Combine(Folder, "prometheus/prometheus.yml"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "prometheus.yml"), configuration.Replace("localhost:5083", target.Authority, StringComparison.Ordinal).Replace("15s", "1s", StringComparison.Ordinal));
            File.Copy(Path.Combine(Folder, "prometheus/alerts.yml"), Path.Combine(folder.FullName, "alerts.yml"));
            var port = LoopbackPort.Free();
            var process = Process.Start(new ProcessStartInfo(Prometheus, ["--config.file=prometheus.yml", $"--storage.tsdb.path={folder.FullName}/data", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--log.level=error"])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardError = true,
            })!;
            process.BeginErrorReadLine();
            var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.GetAsync(() => IsReadyAsync(client), static isReady => isReady, "a Prometheus that is ready");
            return new(process, folder, client);
        }

        public async Task<List<JsonElement>> AskAsync(string query)
        {
            using var response = await client.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative));
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{query}: {body}");
            return [.. JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("result").EnumerateArray()];
        }

        /// <summary>The health of every rule, once all were evaluated.</summary>
        public Task<List<string>> RulesAsync() => Eventually.GetAsync(
            async () => Regex.Matches(await client.GetStringAsync(new Uri("/api/v1/rules", UriKind.Relative)), "\"health\":\"([a-z]+)\"").Select(match => match.Groups[1].Value).ToList(),
            static rules => rules.Count > 0 && !rules.Contains("unknown"), "the health of the rules");

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            folder.Delete(recursive: true);
        }

        private static async Task<bool> IsReadyAsync(HttpClient client)
        {
            try
            {
                using var response = await client.GetAsync(new Uri("/-/ready", UriKind.Relative));
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
