namespace LexIntel.Progress.AspNetCore;

/// <summary>A document that a client asked for and may not see, or not now.</summary>
/// <param name="Resource">What it asked for.</param>
/// <param name="Access">What the access checks say.</param>
/// <param name="Limit">The limit that was reached, when it would be allowed.</param>
internal readonly record struct Denial(ProgressResource Resource, ProgressAccess Access, Limit? Limit)
{
    public int Status => Limit?.Status ?? AccessGate.Status(Access);

    /// <summary>Whether it is worth coming back.</summary>
    public bool IsTemporary => Limit is not null || Access == ProgressAccess.Undecided;
}
