using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Subscribes topics and ends their subscriptions. Nobody has to wait for it: the way of messages can be frozen while reading works.
/// </summary>
internal sealed class Subscriptions(IBackplane backplane, ProgressOptions options, TimeProvider time, ILogger<Subscriptions> logger) : IDisposable
{
    private readonly SharedLimit _limit = new(options.BackplaneTimeout, time);

    /// <summary>Subscribes a topic anew, unless that is under way.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscribed">What happens when it is: what was published before is only stored.</param>
    /// <returns>A task that never fails.</returns>
    public Task BeginAsync(Topic topic, Func<Topic, Task> subscribed)
    {
        if (topic.Subscribing.IsCompleted)
            topic.Subscribing = SubscribeAsync(topic, subscribed);
        return topic.Subscribing;
    }

    /// <summary>Ends a topic's subscription, also one that is under way.</summary>
    public static async Task EndAsync(Topic topic)
    {
        await topic.Subscribing.ConfigureAwait(false);
        await UnsubscribeAsync(topic).ConfigureAwait(false);
    }

    /// <summary>Gives up what is under way.</summary>
    public Task StopAsync() => _limit.StopAsync();

    public void Dispose() => _limit.Dispose();

    private async Task SubscribeAsync(Topic topic, Func<Topic, Task> subscribed)
    {
        try
        {
            // A subscription can vanish without any error, and subscribing once more does not bring it back: it has to end first.
            await UnsubscribeAsync(topic).ConfigureAwait(false);
            topic.Subscription = await backplane.SubscribeAsync(topic.Subject, topic, _limit.Begin()).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the client library throws: the next round tries again, and the probe finds out how things stand.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_limit.IsStopped)
                Log.NotSubscribed(logger, topic.Subject, exception.Message);
            return;
        }

        await subscribed(topic).ConfigureAwait(false);
        // Else the topic would keep this call's state for as long as it is watched.
        topic.Subscribing = Task.CompletedTask;
    }

    private static async Task UnsubscribeAsync(Topic topic)
    {
        if (topic.Subscription is not { } subscription)
            return;
        topic.Subscription = null;
        await subscription.DisposeAsync().ConfigureAwait(false);
    }
}
