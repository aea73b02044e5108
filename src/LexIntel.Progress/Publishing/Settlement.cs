using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Publishing;

/// <summary>What becomes of a call that is over: every slot that it carried learns its result, and with it whoever waits for that. Only the pump uses it.</summary>
internal sealed class Settlement(Outbox outbox, Schedule schedule, Reach reach, Flushes flushes, TimeProvider time, ProgressMetrics metrics, ILogger<Pump> logger)
{
    public void Settle(OfferCall call)
    {
        var isTaken = call.Failure is { } failure ? SettleFailed(call, failure) : SettleAnswered(call);
        metrics.Published(time.GetElapsedTime(call.SentAt), isTaken);
        if (isTaken)
            reach.Find();
        else
            reach.Postpone();
    }

    /// <summary>What the slot says now will never be stored.</summary>
    public void Drop(OutboxEntry entry, string reason)
    {
        metrics.UpdateDropped("impossible");
        Log.UpdateImpossible(logger, entry.Subject, reason);
    }

    /// <summary>Nobody knows what the store took: all of it is offered again.</summary>
    private bool SettleFailed(OfferCall call, Exception failure)
    {
        reach.Lose(failure.Message);
        foreach (var entry in call.Entries)
            Repeat(entry, new OfferResult(OfferOutcome.Unknown));
        return false;
    }

    /// <summary><see langword="false"/> when the store cannot take anything now.</summary>
    private bool SettleAnswered(OfferCall call)
    {
        var (group, entries, sentAt) = (call.Group, call.Entries, call.SentAt);
        var isTaken = group.WhyNotTaken is null;
        for (var i = 0; i < entries.Count; i++)
        {
            var (entry, result) = (entries[i], group.Offers[i].Result);
            if (entry is BatchEntry && result.Outcome is not (OfferOutcome.NotNow or OfferOutcome.Impossible))
            {
                Repeat(entry, result);
                NoteDropped(entry, result.Tally.Dropped);
                continue;
            }

            switch (result.Outcome)
            {
                case OfferOutcome.NotNow when isTaken:
                    reach.LosePart(result.Error ?? "");
                    break;
                case OfferOutcome.NotNow:
                    reach.Lose(result.Error ?? "");
                    break;
                case OfferOutcome.Impossible:
                    Drop(entry, result.Error ?? "");
                    break;
                case OfferOutcome.Refused:
                    metrics.UpdateRefused(Reason(group.Offers[i]));
                    break;
                case OfferOutcome.Accepted or OfferOutcome.Repeated:
                    Stored(entry, group.Offers[i], sentAt);
                    break;
            }

            Repeat(entry, result, isPostponed: isTaken && result.Outcome == OfferOutcome.NotNow);
        }

        return isTaken;
    }

    private void Stored(OutboxEntry entry, in Offer offer, long sentAt)
    {
        if (offer.Result.Outcome == OfferOutcome.Accepted && offer.Kind != OfferKind.Members)
        {
            entry.BeatAt = sentAt;
            metrics.UpdateStored(offer.Status);
        }

        // What a batch says of a document carries the revision under which the document's state is stored, which is known only now.
        if (outbox.Report(offer) is { } batch)
            flushes.Follow(entry, batch);
    }

    private void NoteDropped(OutboxEntry batch, int dropped)
    {
        if (dropped == 0)
            return;
        metrics.UpdateDropped("batch_full", dropped);
        Log.BatchFull(logger, batch.Subject.Id, dropped, BatchLimits.Members);
    }

    private static string Reason(in Offer refused) =>
        refused.Kind != OfferKind.Numbered ? "ended" : refused.Result.Revision.Attempt > refused.Revision.Attempt ? "newer_attempt" : "older_number";

    private void Repeat(OutboxEntry entry, in OfferResult result, bool isPostponed = false)
    {
        var isAgain = entry.Settle(result);
        var isHeld = entry.IsHeld;
        (entry.IsHeld, entry.IsInFlight) = (false, false);
        if (isAgain && isPostponed)
        {
            if (entry.TryMark(entry.IsFinal ? Urgency.First : Urgency.Now) || isHeld)
                schedule.AddAgain(entry, reach.NextTry);
        }
        else
        {
            if (isAgain)
                outbox.MarkUrgent(entry);
            if (isHeld)
                schedule.Add(entry, time.GetTimestamp(), flushes.AreWaiting);
        }

        if (!isAgain)
            flushes.Settled(entry);
    }
}
