using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What streams say of themselves to whoever watches the host.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Stream_is_counted_while_it_is_open_and_its_end_says_why()
    {
        await using var host = await TestHost.StartAsync();
        using var measured = new StreamMeasurements(host.Services);
        await using (await host.StreamAsync("left"))
        {
            await using var finished = await host.StreamAsync("finished");
            Assert.Equal(2, measured["streams{transport=sse}"]);
            await host.PublishAsync(new("finished", "x", 100) { Status = ProgressStatus.Completed });
            await finished.ReadToEndAsync();
            await measured.UntilAsync("stream.duration{transport=sse,reason=finished}", 1);
        }

        await measured.UntilAsync("stream.duration{transport=sse,reason=left}", 1);
        await using var stopped = await host.StreamAsync("stopped");
        await host.StopAsync();
        await measured.UntilAsync("stream.duration{transport=sse,reason=shutdown}", 1);
        Assert.Equal(0, measured["streams{transport=sse}"]);
    }

    [Fact]
    public async Task Heartbeats_are_counted()
    {
        await using var host = await TestHost.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100));
        using var measured = new StreamMeasurements(host.Services);
        await using var stream = await host.StreamAsync("a");

        await Eventually.TrueAsync(() => measured["heartbeats"] >= 2, "two heartbeats");
    }

    [Fact]
    public async Task Span_of_a_stream_is_linked_with_the_workers_whose_states_it_delivered_and_its_client_sees_none_of_it()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var worker = new ActivitySource($"worker {Guid.NewGuid()}");
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ProgressDiagnostics.ActivitySourceName || source == worker,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.StartAsync();
        await using var stream = await host.StreamAsync("a");
        using var first = worker.StartActivity("first")!;
        await host.PublishAsync(new("a", "x", 50));
        first.Stop();
        // Delivered before the next one takes its place.
        List<string> blocks = [];
        do
            blocks.Add((await stream.ReadNewsAsync())!);
        while (!blocks[^1].Contains("\"progress\":50", StringComparison.Ordinal));
        using var second = worker.StartActivity("second")!;
        await host.PublishAsync(new("a", "y", 100) { Status = ProgressStatus.Completed });
        second.Stop();

        blocks.AddRange(await stream.ReadToEndAsync());

        Assert.DoesNotContain(blocks, block => block.Contains("trace", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Deliver() is not null, "the span of the stream");
        Assert.Equal(["sse", "finished"], [Deliver()!.GetTagItem("lexintel.progress.transport"), Deliver()!.GetTagItem("lexintel.progress.reason")]);

        Activity? Deliver() => ended.FirstOrDefault(span => span.OperationName == "progress deliver"
            && span.Links.Select(link => link.Context.TraceId).Order(Comparer<ActivityTraceId>.Create((a, b) => string.CompareOrdinal(a.ToHexString(), b.ToHexString())))
                .SequenceEqual(new[] { first.TraceId, second.TraceId }.OrderBy(id => id.ToHexString(), StringComparer.Ordinal)));
    }

    [Fact]
    public void Log_messages_of_both_packages_have_ids_and_names_of_their_own()
    {
        var messages = new[] { typeof(ProgressJob).Assembly, typeof(ProgressStreamOptions).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method.Name, Attribute: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(message => message.Attribute is not null)
            .ToList();

        Assert.InRange(messages.Count, 14, 1000);
        Assert.All(messages, message => Assert.True(message.Attribute!.EventId > 0 && message.Attribute.Message.Length > 0, message.Name));
        Assert.Equal(messages.Count, messages.Select(message => message.Attribute!.EventId).Distinct().Count());
        Assert.Equal(messages.Count, messages.Select(message => message.Name).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>The sums of what one host measures.</summary>
    private sealed class StreamMeasurements : IDisposable
    {
        private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);
        private readonly MeterListener _listener = new();

        public StreamMeasurements(IServiceProvider services)
        {
            var meters = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ProgressDiagnostics.MeterName && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, 1, tags));
            _listener.Start();
        }

        public double this[string key] => _sums.GetValueOrDefault(key);

        public Task UntilAsync(string key, double sum) => Eventually.TrueAsync(() => this[key] == sum, $"{sum} as {key}");

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = instrument.Name["lexintel.progress.".Length..];
            if (tags.Length > 0)
                key += $"{{{string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}";
            _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
        }
    }
}
