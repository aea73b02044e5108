namespace LexIntel.Progress.Wire;

/// <summary>How many documents of a batch stand where. Retrying counts as processing; documents that are only expected are pending.</summary>
internal sealed record BatchCounts(int Total, int Pending, int Processing, int Completed, int Failed, int Cancelled);
