using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Browser.Tests.Support;

/// <summary>The test site as a process, which can be killed and started again at the same address.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly RedisServer? _redis;
    private readonly string _assets;
    private readonly List<string> _output = [];
    private Process? _process;

    private Site(RedisServer? redis, string assets)
    {
        _redis = redis;
        _assets = assets;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}"));
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<Site> LaunchAsync(RedisServer? redis = null, string assets = "endpoints")
    {
        var site = new Site(redis, assets);
        await site.StartAsync();
        return site;
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(OutputFolder(), "LexIntel.Progress.TestSite.dll"), "--urls", Address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = OutputFolder(),
        };
        start.Environment["Assets"] = _assets;
        start.Environment["LexIntel__Progress__HeartbeatInterval"] = "00:00:01";
        start.Environment["LexIntel__Progress__QuietInterval"] = "00:00:01";
        start.Environment["LexIntel__Progress__RetryMin"] = "00:00:00.2";
        start.Environment["LexIntel__Progress__RetryMax"] = "00:00:00.4";
        if (_redis is not null)
            start.Environment["ConnectionStrings__Redis"] = _redis.Configuration;

        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = _process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listens.TrySetException(new InvalidOperationException($"The test site ended:\n{string.Join('\n', _output)}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await listens.Task.WithinAsync("the test site listens");

        void Read(string? line)
        {
            if (line is null)
                return;
            lock (_output)
                _output.Add(line);
            if (line.Contains("Now listening on: ", StringComparison.Ordinal))
                listens.TrySetResult();
        }
    }

    /// <summary>Ends the process without a word: connections break, and nobody listens any more.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Publishes and waits until it is stored. Statuses are 1 processing, 3 completed, 4 failed.</summary>
    public async Task PublishAsync(params object[] updates)
    {
        using var response = await Client.PostAsJsonAsync("/publish", updates);
        response.EnsureSuccessStatusCode();
    }

    public Task ProcessingAsync(string id, double percent, bool newAttempt = false) =>
        PublishAsync(new { documentId = id, step = "extraction", percent, message = $"At {percent}", newAttempt });

    public Task CompleteAsync(params string[] ids) =>
        PublishAsync([.. ids.Select(id => new { documentId = id, step = "embedding", percent = 100, status = 3 })]);

    public async Task SetFaultAsync(string kind)
    {
        using var response = await Client.PostAsync(new Uri($"/faults/{kind}", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }

    public async Task<StreamRecords> LogAsync() => (await Client.GetFromJsonAsync<StreamRecords>("/log", JsonSerializerOptions.Web))!;

    /// <summary>Waits until the server sees things so.</summary>
    public Task<StreamRecords> LogAsync(Func<StreamRecords, bool> isIt, string expected) => Eventually.GetAsync(LogAsync, isIt, expected);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await KillAsync();
    }

    /// <summary>Where the site was built, in the configuration of these tests.</summary>
    private static string OutputFolder()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, "LexIntel.Progress.TestSite", own.Name);
    }
}
