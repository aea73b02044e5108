namespace LexIntel.Progress.Http;

/// <summary>The addresses of a host's endpoints.</summary>
internal sealed class ProgressAddresses(ProgressClientOptions options)
{
    // An id is one segment, byte for byte: nothing may tidy up what looks like a dot or a doubled escape in it.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _root = options.BaseAddress!.AbsoluteUri.TrimEnd('/') + options.Prefix.TrimEnd('/');

    /// <summary>The stream of many documents.</summary>
    public Uri Streams => new($"{_root}/stream", AsWritten);

    public Uri Stream(string documentId) => new($"{_root}/documents/{Uri.EscapeDataString(documentId)}/stream", AsWritten);

    public Uri Status(string documentId) => new($"{_root}/documents/{Uri.EscapeDataString(documentId)}/status", AsWritten);
}
