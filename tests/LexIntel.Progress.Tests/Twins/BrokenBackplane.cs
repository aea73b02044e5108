using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexIntel.Progress.Tests.Twins;

/// <summary>
/// Switches off, one at a time, what the rest of the product heals with. What each switch takes away is what a simpler design would not
/// have had; the twin of a test shows what is lost without it.
/// </summary>
internal sealed class BrokenBackplane(IBackplane inner) : IBackplane
{
    private readonly ConcurrentDictionary<string, ProgressRevision> _accepted = new(StringComparer.Ordinal);
    private int _renewals;
    private int _reads;
    private int _subscriptions;
    private volatile int _firstThatDelivers;

    /// <summary>A renewal says that what was stored last is stored still, as a lease does that is renewed without looking.</summary>
    public bool IsBlindToLoss { get; set; }

    /// <summary>A call that fails looks as if it had worked, as fire-and-forget does.</summary>
    public bool HidesFailures { get; set; }

    /// <summary>Jobs do not number their states: the store counts within their attempt, and counts anew when it has forgotten.</summary>
    public bool IsNumberedByTheStore { get; set; }

    public int Renewals => Volatile.Read(ref _renewals);

    public int Reads => Volatile.Read(ref _reads);

    public int GroupSize => inner.GroupSize;

    public int ReadSize => inner.ReadSize;

    public bool IsRemote => inner.IsRemote;

    public event Action? Restored
    {
        add => inner.Restored += value;
        remove => inner.Restored -= value;
    }

    /// <summary>A process on Redis, whose backplane can be broken.</summary>
    public static (ProgressApp App, BrokenBackplane Backplane) App(string configuration, Action<ProgressOptions>? configure = null)
    {
        var app = ProgressApp.Create(
            builder =>
            {
                builder.UseRedis(configuration + ",connectTimeout=1000");
                builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider => new BrokenBackplane(ActivatorUtilities.CreateInstance<RedisBackplane>(provider))));
            },
            configure);
        return (app, (BrokenBackplane)app.Backplane);
    }

    public async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        if (group.Offers[0].Kind == OfferKind.Renewal)
        {
            await RenewAsync(group, cancellationToken);
            return;
        }

        var asked = group.Offers.ToArray();
        if (IsNumberedByTheStore)
        {
            foreach (ref var offer in group.Offers)
                ForgetNumber(group, ref offer);
        }

        try
        {
            await inner.OfferAsync(group, cancellationToken);
        }
        catch (Exception) when (HidesFailures)
        {
            for (var i = 0; i < group.Count; i++)
                group.Offers[i].Result = new(OfferOutcome.Accepted, group.Offers[i].Revision, 1);
        }

        for (var i = 0; i < group.Count; i++)
        {
            if (group.Offers[i].Result is { Outcome: OfferOutcome.Accepted } result)
                _accepted[asked[i].Subject.Id] = asked[i].Kind == OfferKind.Numbered ? asked[i].Revision : result.Revision;
        }
    }

    /// <summary>Whoever does not number knows none: the state says the first.</summary>
    private static void ForgetNumber(OfferGroup group, ref Offer offer)
    {
        var unknown = offer.Revision with { Number = 1 };
        var surplus = offer.Revision.ToString().Length - unknown.ToString().Length;
        offer.FullRange = Shorten(group.Full(offer), offer.FullRange);
        offer.ShortRange = Shorten(group.Short(offer), offer.ShortRange);
        (offer.Kind, offer.Revision) = (OfferKind.Next, unknown);

        (int, int) Shorten(ReadOnlyMemory<byte> json, (int Start, int Length) range)
        {
            if (json.IsEmpty)
                return range;
            // The bytes are the group's own, and nobody has read them yet.
            Encoding.ASCII.GetBytes($"{{\"revision\":\"{unknown}\"", MemoryMarshal.AsMemory(json).Span[surplus..]);
            return (range.Start + surplus, range.Length - surplus);
        }
    }

    private async Task RenewAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        await inner.OfferAsync(group, cancellationToken);
        Interlocked.Increment(ref _renewals);
        foreach (ref var offer in group.Offers)
            offer.Result = IsBlindToLoss && _accepted.TryGetValue(offer.Subject.Id, out var last) ? new(OfferOutcome.Repeated, last) : offer.Result;
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        var stored = await inner.ReadAsync(questions, cancellationToken);
        Interlocked.Increment(ref _reads);
        return stored;
    }

    /// <summary>From now on the subscriptions that there are deliver nothing, without a word to anybody.</summary>
    /// <param name="forGood">Whether later ones do not either.</param>
    public void LoseSubscriptions(bool forGood) => _firstThatDelivers = forGood ? int.MaxValue : Volatile.Read(ref _subscriptions) + 1;

    public Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _subscriptions);
        return inner.SubscribeAsync(
            subject,
            new Receiver(message =>
            {
                if (number >= _firstThatDelivers)
                    receiver.Receive(message);
            }),
            cancellationToken);
    }

    public Task ProbeAsync(bool isReader, CancellationToken cancellationToken) => inner.ProbeAsync(isReader, cancellationToken);
}
