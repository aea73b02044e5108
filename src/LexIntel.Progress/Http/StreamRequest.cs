using System.Buffers;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace LexIntel.Progress.Http;

/// <summary>Asks a host for the stream of a group of documents and empties it into an inbox, until it ends or is silent for too long.</summary>
internal sealed class StreamRequest(IHttpClientFactory clients, ProgressAddresses addresses, ProgressClientOptions options, TimeProvider time)
{
    private const string Type = "text/event-stream";
    private const string EndSuffix = "-end";

    /// <param name="inbox">Where to put what comes.</param>
    /// <param name="group">The documents.</param>
    /// <param name="onLive">Called for each sign that the stream passes events on.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ProgressRefusedException">The host refuses for good.</exception>
    public async Task<StreamEnd> SendAsync(Inbox inbox, RemoteGroup group, Action onLive, CancellationToken cancellationToken)
    {
        SseParser<StreamEvent>? events = null;
        try
        {
            using var silence = new Silence(options.HeartbeatInterval * 2, time, cancellationToken);
            // The client lives as long as the stream: the factory lets go of the connections of clients that nobody holds.
            using var client = clients.CreateClient(HttpSubscriber.ClientName);
            using var request = Create(inbox, group);
            (request.Version, request.VersionPolicy) = (client.DefaultRequestVersion, client.DefaultVersionPolicy);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
            await response.ThrowIfRefusedAsync($"the stream of {group}", silence).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                inbox.Finish(group);
                return new(TimeSpan.Zero, "It is finished.");
            }

            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != Type)
                return new(response.Wait(time), $"The host answered {(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType}.");

            var stream = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                events = SseParser.Create(new EventBytes(stream, silence), (name, data) => StreamEvent.Read(name, data, time));
                await EmptyAsync(events, inbox, group, onLive, silence.Token).ConfigureAwait(false);
            }

            return new(Wait(events), "The host ended it.");
        }
        catch (Exception exception) when (Answers.IsTransient(exception, cancellationToken))
        {
            return new(Wait(events), exception.Message);
        }
    }

    private HttpRequestMessage Create(Inbox inbox, RemoteGroup group)
    {
        var open = inbox.Open(group);
        HttpRequestMessage request;
        if (group.Documents is [var single])
        {
            request = new(HttpMethod.Get, addresses.Stream(single.Subject));
            if (open is [(_, { } last)])
                request.Headers.Add("Last-Event-ID", last.ToString());
        }
        else
        {
            // Each document goes on behind its own revision, which no URL has room for.
            request = new(HttpMethod.Post, addresses.Streams) { Content = new ReadOnlyMemoryContent(Body(open)) };
            request.Content.Headers.ContentType = new("application/json");
        }

        request.Headers.Accept.ParseAdd(Type);
        request.Headers.CacheControl = new() { NoStore = true };
        return request;
    }

    private static ReadOnlyMemory<byte> Body(List<(Subject Subject, ProgressRevision? Last)> open)
    {
        var output = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("documents"u8);
            foreach (var (document, last) in open)
                json.WriteString(document.Id, last?.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static async Task EmptyAsync(SseParser<StreamEvent> events, Inbox inbox, RemoteGroup group, Action onLive, CancellationToken cancellationToken)
    {
        await foreach (var item in events.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data.IsSignOfLife)
                onLive();
            if (item.Data.State is { } state)
                inbox.Offer(state, isRecord: false);
            // The next request may carry a fresh token.
            if (item.Data.Denied is var (subject, status) && !Refuse(inbox, subject, (HttpStatusCode)status))
                return;

            if (inbox.IsOver(group))
                return;
        }

        // Whatever stands in the last block, its id says that the stream is finished.
        if (events.LastEventId.EndsWith(EndSuffix, StringComparison.Ordinal))
            inbox.Finish(group);
    }

    /// <summary><see langword="false"/> when it is worth asking again at once.</summary>
    private static bool Refuse(Inbox inbox, Subject subject, HttpStatusCode status)
    {
        if (status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            return inbox.Refuse(subject, Answers.Refusal(subject.ToString(), status), isFresh: false);
        inbox.PutOff(subject);
        return true;
    }

    private static TimeSpan Wait(SseParser<StreamEvent>? events) => Answers.Bounded(events?.ReconnectionInterval);
}

/// <param name="Wait">How long the host asks to wait before the next.</param>
/// <param name="Reason">Why it ended, as a sentence.</param>
internal readonly record struct StreamEnd(TimeSpan Wait, string Reason);
