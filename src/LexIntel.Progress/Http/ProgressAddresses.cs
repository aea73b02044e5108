using System.Globalization;

namespace LexIntel.Progress.Http;

/// <summary>The addresses of a host's endpoints.</summary>
internal sealed class ProgressAddresses(ProgressClientOptions options)
{
    // An id is one segment, byte for byte: nothing may tidy up what looks like a dot or a doubled escape in it.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _root = options.BaseAddress!.AbsoluteUri.TrimEnd('/') + options.Prefix.TrimEnd('/');

    /// <summary>The stream of many documents.</summary>
    public Uri Streams => new($"{_root}/stream", AsWritten);

    public Uri Stream(Subject subject) => Of(subject, "stream");

    /// <param name="subject">The document or batch.</param>
    /// <param name="wait">Whole seconds that the host is to wait for news; zero: it answers at once.</param>
    public Uri Status(Subject subject, TimeSpan wait) => Of(subject, wait > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"status?wait={wait.TotalSeconds:F0}") : "status");

    private Uri Of(Subject subject, string what) => new($"{_root}/{(subject.IsBatch ? "batches" : "documents")}/{Uri.EscapeDataString(subject.Id)}/{what}", AsWritten);
}
