using System.Net;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>What a host's answer means for whoever asked.</summary>
internal static class Answers
{
    /// <summary>A host, or a proxy with a typing error, must not silence a client for a day.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private const int MostDetailBytes = 16 * 1024;

    /// <exception cref="ProgressRefusedException">The answer is a refusal for good.</exception>
    public static async ValueTask ThrowIfRefusedAsync(this HttpResponseMessage response, string what, Silence silence)
    {
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            throw Refusal(what, response.StatusCode, await DetailAsync(response, silence).ConfigureAwait(false));
    }

    public static ProgressRefusedException Refusal(string what, HttpStatusCode status, string? detail = null) =>
        new($"The host refused {what} with status {(int)status}. {detail ?? Hint(status)}".TrimEnd(), status);

    /// <summary>A broken line, silence, junk, and whatever the user's handlers throw when a token or a circuit is not to be had now: worth another try.</summary>
    public static bool IsTransient(Exception exception, CancellationToken cancellationToken) =>
        exception is not ProgressRefusedException && !cancellationToken.IsCancellationRequested;

    /// <summary>How long the host asks to wait before it is asked again; zero when it does not say.</summary>
    public static TimeSpan Wait(this HttpResponseMessage response, TimeProvider time) =>
        Bounded(response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null);

    /// <summary>What a host asks for, within reason.</summary>
    public static TimeSpan Bounded(TimeSpan? asked) =>
        asked is not { } wait || wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait;

    /// <exception cref="InvalidDataException">The answer is larger than the limit.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(this HttpResponseMessage response, int limit, Silence silence)
    {
        var stream = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[4 * 1024];
            var length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length), silence.Token).ConfigureAwait(false) is > 0 and var count)
            {
                silence.Break();
                length += count;
                if (length > limit)
                    throw new InvalidDataException($"The host sent more than {limit} bytes; what was asked for is never as large.");
                if (length == buffer.Length)
                    Array.Resize(ref buffer, length * 2);
            }

            return buffer.AsMemory(0, length);
        }
    }

    /// <summary>The host's own words (RFC 9457), where it has some.</summary>
    private static async ValueTask<string?> DetailAsync(HttpResponseMessage response, Silence silence)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return null;
        try
        {
            var problem = await response.ReadAsync(MostDetailBytes, silence).ConfigureAwait(false);
            return StateBytes.Text(problem.Span, "detail"u8) is { } detail ? StateLimits.Cut(detail, StateLimits.TextLength) : null;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or InvalidDataException)
        {
            // The status says enough.
            return null;
        }
    }

    private static string Hint(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "Send a token: AddLexIntelProgressClient(…).AddHttpMessageHandler(…).",
        HttpStatusCode.NotFound => "There is no such document, or BaseAddress and Prefix do not lead to MapProgressStream().",
        _ => "",
    };
}
