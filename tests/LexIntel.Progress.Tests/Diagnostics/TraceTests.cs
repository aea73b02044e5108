using System.Diagnostics;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Diagnostics;

/// <summary>Spans of calls, and the worker's context on its way through the store.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;
    private readonly ActivitySource _worker = new($"worker {Guid.NewGuid()}");

    public TraceTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == ProgressDiagnostics.ActivitySourceName || source == _worker,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (_ended)
                    _ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _worker.Dispose();
    }

    [Fact]
    public async Task Job_inside_a_span_is_stored_with_its_context_and_the_call_is_linked_to_it()
    {
        await using var app = ProgressApp.Create();
        using var work = _worker.StartActivity("work")!;

        await using (app.Publisher.Start("a"))
            await app.FlushAsync();

        Assert.Contains($"\"traceparent\":\"{work.Id}\"", await app.Backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
        var publish = Spans("progress publish").First(span => span.Links.Any(link => link.Context.TraceId == work.TraceId));
        Assert.Null(publish.ParentId);
        Assert.Equal(1, publish.GetTagItem("lexintel.progress.updates"));
    }

    [Fact]
    public async Task Plain_update_inside_a_span_is_stored_with_its_context()
    {
        await using var app = ProgressApp.Create();
        using var work = _worker.StartActivity("work")!;

        await app.Publisher.PublishAsync(new("a", "x", 1));
        await app.FlushAsync();

        Assert.Contains($"\"traceparent\":\"{work.Id}\"", await app.Backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_without_a_span_is_stored_without_a_context()
    {
        await using var app = ProgressApp.Create();

        await app.Publisher.PublishAsync(new("a", "x", 1));
        await app.FlushAsync();

        Assert.DoesNotContain("traceparent", await app.Backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_of_a_state_knows_the_context_also_after_short_updates()
    {
        await using var app = ProgressApp.Create(configure: options => options.PublishInterval = TimeSpan.Zero);
        using var work = _worker.StartActivity("work")!;
        using var watch = app.Hub.Join("a", new(), after: null);
        await using var job = app.Publisher.Start("a");
        await app.FlushAsync();
        job.Report(0.5);
        await app.FlushAsync();
        await Eventually.TrueAsync(() => watch.Topic.Current is { Snapshot.Percent: 50 }, "the short update");

        Assert.Equal(work.Id, watch.Topic.Current!.TraceParent);
    }

    [Fact]
    public async Task What_serves_everybody_is_not_part_of_the_trace_of_whoever_came_first()
    {
        Activity? seen = null;
        RecordingBackplane? backplane = null;
        await using var app = ProgressApp.Create(builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(
            provider => backplane = new(new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), TimeProvider.System), TimeProvider.System))));
        _ = app.Backplane;
        backplane!.BeforeOffer = backplane.BeforeRead = () =>
        {
            seen ??= Activity.Current is { OperationName: "first" } first ? first : null;
            return Task.CompletedTask;
        };
        using (_worker.StartActivity("first"))
        {
            await app.Publisher.PublishAsync(new("a", "x", 1));
            using var watch = app.Hub.Join("a", new(), after: null);
            await watch.Topic.Opened;
            await app.FlushAsync();
        }

        Assert.True(backplane.Reads > 0 && backplane.Offers.Count > 0);
        Assert.Null(seen);
    }

    [Theory]
    [InlineData("\"00-\"")]
    [InlineData("17")]
    [InlineData("\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-and-more\"")]
    public async Task Context_of_another_form_is_ignored_and_not_shown(string context)
    {
        await using var app = ProgressApp.Create();

        var state = app.Hub.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"progress":1,"traceparent":{{context}}}"""), "a", 1000, likelyBatch: null)!;

        Assert.Null(state.TraceParent);
        var shown = new System.Buffers.ArrayBufferWriter<byte>();
        state.Write(shown, stalledSince: null);
        Assert.DoesNotContain("trace", System.Text.Encoding.UTF8.GetString(shown.WrittenSpan), StringComparison.Ordinal);
    }

    private List<Activity> Spans(string name)
    {
        lock (_ended)
            return [.. _ended.Where(span => span.OperationName == name)];
    }
}
