using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>What was sent, and was not answered, may still be read by whoever sends it.</summary>
public sealed class OfferCallTests
{
    private readonly ProgressOptions _options = new();
    private readonly RecordingBackplane _backplane;

    public OfferCallTests() => _backplane = new(new InProcessBackplane(Options.Create(_options), TimeProvider.System), TimeProvider.System);

    [Fact]
    public async Task Group_that_was_answered_is_used_again() => Assert.True(await IsUsedAgainAsync());

    [Fact]
    public async Task Group_of_a_call_that_failed_is_not_used_again()
    {
        _backplane.BeforeOffer = static () => throw new TimeoutException();

        Assert.False(await IsUsedAgainAsync());
    }

    [Fact]
    public async Task Group_of_which_a_part_was_not_answered_is_not_used_again()
    {
        _backplane.IsAway = static id => id == "b";

        Assert.False(await IsUsedAgainAsync());
    }

    private async Task<bool> IsUsedAgainAsync()
    {
        using OfferCall call = new(_backplane, _options, TimeProvider.System, static _ => { });
        var group = call.Group;
        foreach (var id in (string[])["a", "b", "c"])
            group.Add(OfferKind.NewAttempt, new(1, 1), Offers.Fields(id), publishFull: false);
        call.Send();
        await call.Sending;
        call.Clear();
        return ReferenceEquals(group, call.Group);
    }
}
