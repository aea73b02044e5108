using System.Security.Cryptography;
using LexIntel.Progress.Hub;
using Microsoft.Net.Http.Headers;

namespace LexIntel.Progress.AspNetCore;

/// <summary>The <c>ETag</c> of a status: the revision and what is observed, or a hash where there is no revision.</summary>
internal static class StatusTag
{
    private const string Stalled = ".stalled";

    // It has no history, only the time of asking.
    private static readonly EntityTagHeaderValue Pending = new("\"pending\"", isWeak: true);

    public static EntityTagHeaderValue Of(in Reading reading, ReadOnlySpan<byte> body)
    {
        if (reading.State is not { } state)
            return Pending;
        return state.Revision is { } revision
            ? new($"\"{revision}{(reading.StalledSince is null ? "" : Stalled)}\"")
            : new($"\"{Convert.ToHexStringLower(SHA256.HashData(body)[..8])}\"");
    }

    /// <summary>Whether the client has it. RFC 9110, 13.1.2: <c>If-None-Match</c> compares weakly.</summary>
    public static bool IsKnown(EntityTagHeaderValue tag, IList<EntityTagHeaderValue> known) =>
        known.Any(one => one.Compare(tag, useStrongComparison: false) || one.Equals(EntityTagHeaderValue.Any));

    /// <summary>Whether a client that waits should have it now. Not when its own state is newer, and not when nothing is known.</summary>
    public static bool IsNewer(in Reading reading, EntityTagHeaderValue tag, IList<EntityTagHeaderValue> known) =>
        reading.State is not null && !IsKnown(tag, known) && NewerThan(reading, known) is null;

    /// <summary>The client's own tag when its state is newer, from a host or backend that got more.</summary>
    public static EntityTagHeaderValue? NewerThan(in Reading reading, IList<EntityTagHeaderValue> known)
    {
        var revision = reading.State?.Revision;
        return known.Where(one => Revision(one) > revision).MaxBy(Revision);
    }

    private static ProgressRevision? Revision(EntityTagHeaderValue tag)
    {
        var text = tag.Tag.AsSpan().Trim('"');
        if (text.EndsWith(Stalled, StringComparison.Ordinal))
            text = text[..^Stalled.Length];
        return ProgressRevision.TryParse(text, null, out var revision) ? revision : null;
    }
}
