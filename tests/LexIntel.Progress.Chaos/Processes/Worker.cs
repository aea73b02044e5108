using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Chaos.Processes;

/// <summary>A worker process: does what the lines of its standard input say, and ends with it.</summary>
internal sealed class Worker(IProgressPublisher publisher)
{
    private const double Tick = 100;
    private const double LateTick = 115;
    private const double LongTick = 500;

    // Reports must not hold up the calls that are measured, even when nobody reads them for a while.
    private readonly Channel<WorkerReport> _reports = Channel.CreateUnbounded<WorkerReport>();
    private readonly ConcurrentDictionary<int, WorkerJob> _jobs = new();
    private CallTimer _calls = null!;

    public static async Task<int> RunAsync(string name, string redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
            .AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss.fff "));
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddLexIntelProgress().UseRedis($"{redis},name={name}");
        using var host = builder.Build();
        await host.StartAsync();
        await new Worker(host.Services.GetRequiredService<IProgressPublisher>()).RunAsync();
        // Whoever commanded is gone: nobody is interested in what is left.
        Environment.Exit(0);
        return 0;
    }

    private async Task RunAsync()
    {
        _calls = new(Report);
        _ = WriteAsync();
        _ = WatchAsync();
        Report(new(WorkerReportKind.Ready, Clock.Now));
        while (await Console.In.ReadLineAsync() is { } line)
            Obey(JsonSerializer.Deserialize<WorkerCommand>(line)!);
    }

    private void Obey(WorkerCommand command)
    {
        switch (command.Verb)
        {
            case WorkerVerb.Start:
                var job = _jobs[command.Job] = new(command, publisher, _calls, Report);
                _ = Task.Run(job.RunAsync);
                break;
            case WorkerVerb.Publish:
                ProgressUpdate update = new(command.Document, "", command.Percent, $"p{command.Job}") { Status = command.Status, NewAttempt = command.NewAttempt };
                _ = Task.Run(() => _calls.Time("PublishAsync", () => publisher.PublishAsync(update).AsTask().Wait()));
                break;
            default:
                foreach (var described in _jobs.Values)
                    described.Describe();
                Report(new(WorkerReportKind.Described, Clock.Now));
                break;
        }
    }

    private void Report(WorkerReport report) => _reports.Writer.TryWrite(report);

    private async Task WriteAsync()
    {
        await foreach (var report in _reports.Reader.ReadAllAsync())
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report));
    }

    /// <summary>A process that did not run (frozen, or the machine is busy) must say so: what happens then is not the product's fault.</summary>
    private async Task WatchAsync()
    {
        for (var (last, round) = (Clock.Now, 0); ; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Tick));
            var gap = Clock.Now - last;
            if (gap > LateTick)
                Report(new(WorkerReportKind.Hitch, Clock.Now, Value: gap));
            if (gap > LongTick)
                Report(new(WorkerReportKind.Pause, Clock.Now, Value: gap));
            last = Clock.Now;
            if (round % 10 == 0)
                Report(new(WorkerReportKind.Calls, last, Text: _calls.Times.ToString(), Value: _calls.Times.Longest));
        }
    }
}
