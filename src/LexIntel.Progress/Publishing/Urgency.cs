namespace LexIntel.Progress.Publishing;

/// <summary>When a slot's news is to be sent. In the order of rising urgency.</summary>
internal enum Urgency
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>When the document's interval has passed.</summary>
    Due,

    /// <summary>At once: a new step, or an offer that has to be repeated.</summary>
    Now,

    /// <summary>At once and before everything else: an end.</summary>
    First,
}
