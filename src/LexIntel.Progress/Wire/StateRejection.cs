namespace LexIntel.Progress.Wire;

/// <summary>Why a message was dropped. The name, in snake case, is the <c>reason</c> of the metric.</summary>
internal enum StateRejection
{
    None,
    NotUtf8,
    NotJson,
    NotAnObject,
    TooLarge,
    OtherDocument,
    RepeatedField,
    ForgedRevision,
    NotABatch,
}
