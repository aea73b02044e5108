using System.Globalization;

namespace LexIntel.Progress.Wire;

/// <summary>What a batch knows of one of its documents. Of two entries of one document the one with the newer revision counts.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="Revision">The revision of the document's state that this entry is made of.</param>
/// <param name="Status">That state's status.</param>
/// <param name="Weight">The document's weight, in thousandths. Whole numbers, so that sums that are added to and taken from for days do not drift.</param>
/// <param name="Progress">How far it is, in tenths of a percent; 1,000 when it has ended, however it has.</param>
internal readonly record struct BatchMember(string DocumentId, ProgressRevision Revision, ProgressStatus Status, int Weight, int Progress)
{
    /// <summary>The lowest weight, in documents of weight 1.</summary>
    public const double LowestWeight = 0.001;

    /// <summary>The highest weight: 100,000 documents of it, in thousandths times tenths of a percent, are a number that doubles hold exactly.</summary>
    public const double HighestWeight = 10_000;

    /// <summary>The progress of a member that has ended.</summary>
    public const int Whole = 1_000;

    public static BatchMember Of(string documentId, ProgressRevision revision, ProgressStatus status, double percent, double weight) => new(
        documentId, revision, status,
        (int)Math.Round(Math.Clamp(weight, LowestWeight, HighestWeight) * 1000),
        status.IsTerminal ? Whole : (int)Math.Round(StateWriter.Shown(percent, status) * 10));

    /// <summary>What is wrong with a weight, as a sentence; <see langword="null"/> when nothing is.</summary>
    public static string? WeightProblem(double weight) => weight is >= LowestWeight and <= HighestWeight
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"The weight of a document in its batch is {weight}; use a number from {LowestWeight} to {HighestWeight:N0}. Weights are relative: divide all of a batch by the same number.");

    /// <summary>The entry as stored: <c>attempt-number status weight progress</c>.</summary>
    public string Entry => string.Create(CultureInfo.InvariantCulture, $"{Revision.Attempt}-{Revision.Number} {StatusNames.Letter(Status)} {Weight} {Progress}");
}
