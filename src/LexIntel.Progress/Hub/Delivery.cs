using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>What is new of one document, on its way to one reader, who holds its state and releases it when it is written.</summary>
/// <param name="Watch">The reader's interest that it answers.</param>
/// <param name="State">The newest state, if the reader has not taken it yet.</param>
/// <param name="Full">Whether the reader needs the full form: it is the first, or one before it was skipped.</param>
/// <param name="Look">Whether something has changed that is not a state: the document was looked up, its worker fell silent or came back, what the reader has turned out to be the end.</param>
internal readonly record struct Delivery(Watch Watch, State? State, bool Full, bool Look)
{
    /// <inheritdoc cref="State.Release"/>
    public void Release() => State?.Release();
}
