using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;
using LexIntel.Progress.Testing;

namespace Samples.Tests;

/// <summary>A sample as a process of its own, as its README starts it.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SampleProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public static async Task<SampleProcess> StartAsync(string name, params (string Name, string Value)[] environment)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, $"{name}.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Where "dotnet run" would stand: pages are served from there.
            WorkingDirectory = Path.Combine(Checkout.Root, "samples", name),
        };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;

        var process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            process.WaitForExit();
            address.TrySetException(new InvalidOperationException($"{name} ended with code {process.ExitCode}:\n{string.Join('\n', output)}"));
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, await address.Task.WithinAsync($"the address of {name}"));

        void Read(string? line)
        {
            const string listening = "Now listening on: ";
            if (line is null)
                return;
            lock (output)
                output.Add(line);
            if (line.IndexOf(listening, StringComparison.Ordinal) is >= 0 and var at)
                address.TrySetResult(new Uri(line[(at + listening.Length)..]));
        }
    }

    /// <summary>Opens the stream of a document; its states, in order, to the end.</summary>
    public async Task<Task<List<JsonElement>>> StreamAsync(string documentId)
    {
        var response = await Client.GetAsync(new Uri($"/progress/documents/{documentId}/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return ReadAsync();

        async Task<List<JsonElement>> ReadAsync()
        {
            using (response)
            {
                var states = new List<JsonElement>();
                await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
                {
                    if (item.EventType == "message")
                        states.Add(JsonDocument.Parse(item.Data).RootElement);
                }

                return states;
            }
        }
    }

    public async Task<string> GetAsync(string path) => await Client.GetStringAsync(new Uri(path, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
