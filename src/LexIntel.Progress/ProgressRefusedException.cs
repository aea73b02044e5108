using System.Net;

namespace LexIntel.Progress;

/// <summary>
/// A host refused for good to tell the state of a document: asking again would be refused alike. Thrown by the subscriber that reads
/// over HTTP, for 400 (the request breaks a rule), 401 (who asks is not known, or no longer), 403 (may not see it) and 404 (there is no such document).
/// </summary>
public sealed class ProgressRefusedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ProgressRefusedException()
        : this("The host refused to tell the state of a document.")
    {
    }

    /// <summary>Makes the exception.</summary>
    public ProgressRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public ProgressRefusedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    public ProgressRefusedException(string message, HttpStatusCode statusCode)
        : base(message) => StatusCode = statusCode;

    /// <summary>How the host answered.</summary>
    /// <value>400, 401, 403 or 404. Default: 403.</value>
    public HttpStatusCode StatusCode { get; } = HttpStatusCode.Forbidden;
}
