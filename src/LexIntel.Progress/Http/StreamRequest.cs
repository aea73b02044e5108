using System.Net;
using System.Net.ServerSentEvents;

namespace LexIntel.Progress.Http;

/// <summary>Asks a host for the stream of a document and empties it into an inbox, until it ends or is silent for too long.</summary>
internal sealed class StreamRequest(IHttpClientFactory clients, ProgressAddresses addresses, ProgressClientOptions options, TimeProvider time)
{
    private const string Type = "text/event-stream";
    private const string EndSuffix = "-end";

    /// <param name="documentId">The document.</param>
    /// <param name="inbox">Where to put what comes.</param>
    /// <param name="onLive">Called for each sign that the stream passes events on.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ProgressRefusedException">The host refuses for good.</exception>
    public async Task<StreamEnd> SendAsync(string documentId, Inbox inbox, Action onLive, CancellationToken cancellationToken)
    {
        SseParser<StreamEvent>? events = null;
        try
        {
            using var silence = new Silence(options.HeartbeatInterval * 2, time, cancellationToken);
            // The client lives as long as the stream: the factory lets go of the connections of clients that nobody holds.
            using var client = clients.CreateClient(HttpSubscriber.ClientName);
            using var request = new HttpRequestMessage(HttpMethod.Get, addresses.Stream(documentId)) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
            request.Headers.Accept.ParseAdd(Type);
            request.Headers.CacheControl = new() { NoStore = true };
            if (inbox.Last is { } last)
                request.Headers.Add("Last-Event-ID", last.ToString());
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
            response.ThrowIfRefused($"the stream of document '{documentId}'");
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                inbox.Finish();
                return new(TimeSpan.Zero, "It is finished.");
            }

            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != Type)
                return new(response.Wait(time), $"The host answered {(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType}.");

            var stream = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                events = SseParser.Create(new EventBytes(stream, silence), (name, data) => StreamEvent.Read(name, data, documentId, time));
                await EmptyAsync(events, inbox, onLive, silence.Token).ConfigureAwait(false);
            }

            return new(Wait(events), "The host ended it.");
        }
        catch (Exception exception) when (Answers.IsTransient(exception, cancellationToken))
        {
            return new(Wait(events), exception.Message);
        }
    }

    private static async Task EmptyAsync(SseParser<StreamEvent> events, Inbox inbox, Action onLive, CancellationToken cancellationToken)
    {
        await foreach (var item in events.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data.IsSignOfLife)
                onLive();
            if (item.Data.State is { } state)
                inbox.Offer(state, isRecord: false);
            if (inbox.IsFinished)
                return;
        }

        // The last block of a finished document has an id and no data, so it is no event.
        if (events.LastEventId.EndsWith(EndSuffix, StringComparison.Ordinal))
            inbox.Finish();
    }

    private static TimeSpan Wait(SseParser<StreamEvent>? events) => Answers.Bounded(events?.ReconnectionInterval);
}

/// <param name="Wait">How long the host asks to wait before the next.</param>
/// <param name="Reason">Why it ended, as a sentence.</param>
internal readonly record struct StreamEnd(TimeSpan Wait, string Reason);
