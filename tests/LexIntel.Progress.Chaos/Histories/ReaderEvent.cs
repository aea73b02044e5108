namespace LexIntel.Progress.Chaos.Histories;

internal enum ReaderEventKind
{
    /// <summary>A stream began; the detail is the <c>Last-Event-ID</c> that was sent.</summary>
    Opened,

    /// <summary>A state.</summary>
    State,

    /// <summary>A named event; the detail is its name.</summary>
    Named,

    /// <summary>The event that ends a finished stream; the detail is its id.</summary>
    End,

    /// <summary>Nothing more to come: the answer 204.</summary>
    NoContent,

    /// <summary>The reader left.</summary>
    Left,

    /// <summary>The stream ended in order.</summary>
    Closed,

    /// <summary>The stream broke; the detail says how.</summary>
    Broken,
}

/// <summary>One thing that one reader saw.</summary>
/// <param name="At">When.</param>
/// <param name="Connection">On which of its connections, from 1.</param>
/// <param name="Backend">From which backend.</param>
/// <param name="Kind">What.</param>
/// <param name="State">The state, if it is one.</param>
/// <param name="Detail">More, depending on the kind.</param>
internal sealed record ReaderEvent(double At, int Connection, int Backend, ReaderEventKind Kind, SeenState? State = null, string Detail = "");
