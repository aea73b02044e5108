using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>The way of messages is measured all the time, also when nobody watches, and at little cost.</summary>
public sealed class DeliveryProbeTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private RecordingBackplane? _backplane;
    private ProgressApp? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Fact]
    public async Task Open_without_readers_probes_once_in_an_interval()
    {
        var hub = App().Hub;
        hub.Open();
        await Eventually.TrueAsync(() => _backplane!.Probes == 1, "the first probe");

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(2.5));
            _time.Advance(TimeSpan.FromSeconds(2.5));
            await Eventually.TrueAsync(() => _backplane!.Probes == i + 2, $"{i + 2} probes");
        }

        Assert.Equal((0, 0), (_backplane!.Reads, _backplane.Subscriptions));
        Assert.Null(hub.Health.Degradation);
    }

    [Fact]
    public async Task Open_without_readers_notices_that_messages_do_not_arrive_and_that_they_do_again()
    {
        var app = App();
        _backplane!.OnProbe = () => throw new TimeoutException("nothing arrives");
        app.Hub.Open();
        await app.Log.WaitForAsync("Degraded");
        Assert.Equal("nothing arrives", app.Hub.Health.Degradation!.Detail);

        _backplane.OnProbe = null;
        await Eventually.GetAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(app.Hub.Health.Degradation);
            },
            degradation => degradation is null, "the hub to recover");
    }

    [Fact]
    public async Task Reading_goes_on_while_a_probe_hangs()
    {
        var app = App();
        var hang = new TaskCompletionSource();
        _backplane!.OnProbe = () => hang.Task;
        await using var history = new History(app.Subscriber, "a");
        await app.Hub.WaitUntilOpenAsync("a");
        var before = _backplane.Reads;

        await Eventually.GetAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(_backplane.Reads);
            },
            reads => reads > before, "the quiet document to be read again");
        hang.SetResult();
    }

    [Fact]
    public async Task Open_in_process_never_probes_and_sets_no_timer()
    {
        var time = new CountingTime();
        await using var app = ProgressApp.Create(time: time);
        app.Hub.Open();
        await Eventually.TrueAsync(() => time.Waits.Count > 0, "the hub to fall asleep");

        Assert.All(time.Waits, wait => Assert.Equal(Timeout.InfiniteTimeSpan, wait));
    }

    private ProgressApp App()
    {
        _app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider => _backplane = new(
                new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), _time), _time)
            { IsRemote = true })),
            time: _time);
        _ = _app.Backplane;
        return _app;
    }
}
