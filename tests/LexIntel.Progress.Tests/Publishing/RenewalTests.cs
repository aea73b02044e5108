using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>Whose lease is renewed, and that nothing holds it up.</summary>
public sealed class RenewalTests
{
    [Fact]
    public void Stored_end_of_an_update_that_others_have_passed_is_not_renewed()
    {
        var entry = new UpdateEntry("a", TimeProvider.System);
        entry.Accept(new("a", "", 100) { Status = ProgressStatus.Completed });
        Assert.True(entry.TryOffer(new OfferGroup()));
        entry.Settle(new(OfferOutcome.Accepted, new(5, 2), 1));
        entry.Renewed(new(5, 2));
        Assert.True(entry.NeedsRenewal);

        entry.Renewed(new(6, 1));

        Assert.False(entry.NeedsRenewal);
    }

    [Fact]
    public async Task Job_that_was_handed_over_and_gone_on_with_is_not_renewed()
    {
        await using var app = ProgressApp.Create();
        var outbox = new Outbox(new(), TimeProvider.System, () => false, app.Services.GetRequiredService<ProgressMetrics>(), NullLogger<Outbox>.Instance);
        var job = outbox.Add("a", null, new());
        var attempt = job.HandOver();
        Assert.True(job.TryOffer(new OfferGroup()));
        job.Settle(new(OfferOutcome.Accepted, new(attempt.Attempt, attempt.Number), 1));
        job.Renewed(new(attempt.Attempt, attempt.Number));
        Assert.True(job.NeedsRenewal);

        job.Renewed(new(attempt.Attempt, attempt.Number + 1));

        Assert.False(job.NeedsRenewal);
    }

    [Fact]
    public async Task Job_that_is_quiet_is_renewed_while_another_document_is_reported_without_a_pause()
    {
        RecordingBackplane? backplane = null;
        await using var app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider =>
                backplane = new(ActivatorUtilities.CreateInstance<InProcessBackplane>(provider), TimeProvider.System))),
            options => (options.Lease, options.PublishInterval) = (TimeSpan.FromSeconds(3), TimeSpan.Zero));
        await using var quiet = app.Publisher.Start("quiet");
        await app.FlushAsync();
        var percent = 0;
        // Whenever something is sent there is something to send again.
        backplane!.BeforeOffer = () => app.Publisher.PublishAsync(new("busy", "", percent++ % 100)).AsTask();
        await app.Publisher.PublishAsync(new("busy", "", 0));

        await Eventually.TrueAsync(() => backplane.Renewals > 0, "a renewal");
        backplane.BeforeOffer = null;
    }
}
