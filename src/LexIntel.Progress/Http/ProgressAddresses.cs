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

    public Uri Status(Subject subject) => Of(subject, "status");

    private Uri Of(Subject subject, string what) => new($"{_root}/{(subject.IsBatch ? "batches" : "documents")}/{Uri.EscapeDataString(subject.Id)}/{what}", AsWritten);
}
