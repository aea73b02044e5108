using System.Net;

namespace LexIntel.Progress.Http;

/// <summary>What a host's answer means for whoever asked.</summary>
internal static class Answers
{
    /// <summary>A host, or a proxy with a typing error, must not silence a client for a day.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <exception cref="ProgressRefusedException">The answer is a refusal for good.</exception>
    public static void ThrowIfRefused(this HttpResponseMessage response, string what)
    {
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            throw new ProgressRefusedException($"The host answered {(int)response.StatusCode} when asked for {what}.{Hint(response.StatusCode)}", response.StatusCode);
    }

    /// <summary>How long the host asks to wait before it is asked again; zero when it does not say.</summary>
    public static TimeSpan Wait(this HttpResponseMessage response, TimeProvider time)
    {
        var asked = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;
        return Bounded(asked);
    }

    /// <summary>A broken line, silence, junk, and whatever the user's handlers throw when a token or a circuit is not to be had now: worth another try.</summary>
    public static bool IsTransient(Exception exception, CancellationToken cancellationToken) =>
        exception is not ProgressRefusedException && !cancellationToken.IsCancellationRequested;

    /// <summary>What a host asks for, within reason.</summary>
    public static TimeSpan Bounded(TimeSpan? asked) =>
        asked is not { } wait || wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait;

    private static string Hint(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => " Send a token: AddLexIntelProgressClient(…).AddHttpMessageHandler(…).",
        HttpStatusCode.NotFound => " There is no such document, or BaseAddress and Prefix do not lead to MapProgressStream().",
        _ => "",
    };
}
