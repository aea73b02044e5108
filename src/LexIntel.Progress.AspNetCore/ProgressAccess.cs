namespace LexIntel.Progress.AspNetCore;

/// <summary>What an access check answers. Everything but <see cref="Allowed"/> keeps every state of the document from the client.</summary>
public enum ProgressAccess
{
    /// <summary>The client may not see it: 403, or 404 with <see cref="ProgressStreamOptions.ForbiddenAsNotFound"/>.</summary>
    Forbidden,

    /// <summary>The client has to sign in first: 401.</summary>
    Unauthenticated,

    /// <summary>As far as this client goes there is no such document: 404.</summary>
    NotFound,

    /// <summary>It cannot be decided now, for instance because a database is away: the client is refused for the moment and comes back. So counts a check that throws.</summary>
    Undecided,

    /// <summary>The client may see it.</summary>
    Allowed,
}
