using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>For how long the pump sleeps.</summary>
public sealed class PumpTimerTests
{
    [Fact]
    public async Task Backplane_away_pump_sleeps_until_the_retry_although_a_renewal_is_due()
    {
        var time = new CountingTime();
        RecordingBackplane? backplane = null;
        await using var app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(
                provider => backplane = new(new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), time), time))),
            options => (options.Lease, options.ShutdownFlush) = (TimeSpan.FromSeconds(3), TimeSpan.Zero), time);
        _ = app.Backplane;
        backplane!.BeforeOffer = () => throw new TimeoutException("away");
        await app.Publisher.PublishAsync(new("a", "x", 1));
        // Retries after 0.1, 0.2, 0.4 and then 0.8 s: the renewal of 1.0 s falls into the last pause, which ends at 1.5 s.
        foreach (var (offers, pause) in ((int, int)[])[(1, 100), (2, 200), (3, 400)])
        {
            await Eventually.TrueAsync(() => backplane.Offers.Count == offers && time.Waits.Count > 0 && time.Waits[^1] == TimeSpan.FromMilliseconds(pause), $"the retry in {pause} ms");
            time.Clock.Advance(TimeSpan.FromMilliseconds(pause));
        }

        await Eventually.TrueAsync(() => backplane.Offers.Count == 4 && time.Waits[^1] == TimeSpan.FromMilliseconds(800), "the pause after the fourth offer");
        time.Clock.Advance(TimeSpan.FromMilliseconds(400));
        var before = time.Waits.Count;
        await app.Publisher.PublishAsync(new("b", "x", 1));
        await Eventually.TrueAsync(() => time.Waits.Count > before, "the pump to look");

        Assert.Equal(TimeSpan.FromMilliseconds(400), time.Waits[^1]);
        backplane.BeforeOffer = null;
    }
}
