namespace LexIntel.Progress.Chaos.Histories;

/// <summary>Ways to damage a recorded history so that a rule must notice.</summary>
internal enum Damage
{
    /// <summary>Two states of a reader change places (G2).</summary>
    Swap,

    /// <summary>A percentage falls (G2).</summary>
    Percentage,

    /// <summary>A reader is not told the end (G3).</summary>
    End,

    /// <summary>A reader never learns of a step (G4).</summary>
    Step,

    /// <summary>A worker's call takes a second (G5).</summary>
    Latency,

    /// <summary>Another reader sees an older attempt after a newer one (G6).</summary>
    Attempt,

    /// <summary>Nobody is told of a death (G7).</summary>
    Stalled,

    /// <summary>All readers beside slow ones see everything late (G9).</summary>
    Staleness,

    /// <summary>A reader misses the newest state (G1).</summary>
    Newest,
}
