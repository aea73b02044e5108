using System.Net;
using System.Net.Http.Headers;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>Asks a host for the state of a document or batch by plain GET.</summary>
internal sealed class StatusRequest(IHttpClientFactory clients, ProgressAddresses addresses, ProgressClientOptions options, TimeProvider time)
{
    private static readonly EntityTagHeaderValue NothingReported = new("\"pending\"", isWeak: true);

    /// <param name="subject">The document or batch.</param>
    /// <param name="known">The tag of the state that is known already; <see langword="null"/> if none.</param>
    /// <param name="wait">How long the host waits for something newer than that, if it does; zero: not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProgressRefusedException">The host refuses for good.</exception>
    public async Task<StatusAnswer> SendAsync(Subject subject, EntityTagHeaderValue? known, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var silence = new Silence((options.HeartbeatInterval * 2) + wait, time, cancellationToken);
        using var client = clients.CreateClient(HttpSubscriber.ClientName);
        using var request = new HttpRequestMessage(HttpMethod.Get, addresses.Status(subject, wait)) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.Accept.ParseAdd("application/json");
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
        await response.ThrowIfRefusedAsync($"the state of {subject}", silence).ConfigureAwait(false);
        var tag = response.Headers.ETag;
        if (response.StatusCode == HttpStatusCode.NotModified || (response.StatusCode == HttpStatusCode.OK && NothingReported.Equals(tag)))
            return new(IsAnswered: true, null, tag, default, "");
        if (response.StatusCode != HttpStatusCode.OK)
            return new(IsAnswered: false, null, null, response.Wait(time), $"The host answered {(int)response.StatusCode}.");

        var json = await response.ReadAsync(StateLimits.SnapshotBytes, silence).ConfigureAwait(false);
        if (!StateBytes.TryRead(json.Span, subject, time, out var fields))
            return new(IsAnswered: false, null, null, default, $"The host answered with something that is not a state of {subject}.");
        var isRecord = response.Headers.TryGetValues("X-Progress-Source", out var sources) && sources.Contains("database");
        return new(IsAnswered: true, (fields, isRecord), tag, default, "");
    }
}

/// <param name="IsAnswered">Whether the host could tell.</param>
/// <param name="State">The state, and whether it comes from the host's database; <see langword="null"/> when there is none, or none that is not known already.</param>
/// <param name="Tag">What to send the next time.</param>
/// <param name="Wait">How long the host asks to wait.</param>
/// <param name="Problem">Why it could not tell, as a sentence.</param>
internal sealed record StatusAnswer(bool IsAnswered, (StateFields Fields, bool IsRecord)? State, EntityTagHeaderValue? Tag, TimeSpan Wait, string Problem);
