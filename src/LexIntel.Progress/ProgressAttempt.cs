using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress;

/// <summary>
/// An attempt that one job handed over to the next. <see cref="ToString"/> and <see cref="Parse"/> carry it through any queue as one line of
/// text; serializers may also write it as an object.
/// </summary>
public sealed record ProgressAttempt : IParsable<ProgressAttempt>
{
    /// <summary>The document.</summary>
    public required string DocumentId { get; init; }

    /// <summary>The attempt.</summary>
    public required long Attempt { get; init; }

    /// <summary>The number of the last state of the job that handed over.</summary>
    public required long Number { get; init; }

    /// <summary>Which attempt a person would call it; 0 when the store has not said yet.</summary>
    public int Run { get; init; }

    /// <summary>How far the bar was, 0-100.</summary>
    public double Percent { get; init; }

    /// <summary>When the attempt began.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>The batch; <see langword="null"/> if none.</summary>
    public string? BatchId { get; init; }

    /// <summary>The document's weight in the batch.</summary>
    public double BatchWeight { get; init; } = 1;

    /// <summary>The steps of the plan; empty if there was none.</summary>
    public IReadOnlyList<ProgressPlanStep> Plan { get; init; } = [];

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<ProgressStep> Steps { get; init; } = [];

    /// <summary>One line of text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, ProgressAttemptJson.Default.ProgressAttempt);

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">It is not the text form of an attempt.</exception>
    public static ProgressAttempt Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var attempt)
            ? attempt
            : throw new FormatException("The text is not a handed-over attempt. Pass on the whole text that ProgressAttempt.ToString() returned.");
    }

    /// <summary>Reads the text form; <see langword="false"/> for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out ProgressAttempt result)
    {
        try
        {
            result = s is null ? null : JsonSerializer.Deserialize(s, ProgressAttemptJson.Default.ProgressAttempt);
        }
        // Half a surrogate pair is no JSON, and no text either.
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            result = null;
        }

        if (result is { IsUsable: true })
            return true;
        result = null;
        return false;
    }

    /// <summary>Whether a job can go on with it. It came through a queue, where anything can happen to a text.</summary>
    [JsonIgnore]
    internal bool IsUsable =>
        Attempt is > 0 and <= ProgressRevision.MaxPart && Number is > 0 and <= ProgressRevision.MaxPart && Run >= 0 && Percent is >= 0 and <= 100
        && DocumentIds.Problem(DocumentId) is null && (BatchId is null || DocumentIds.Problem(BatchId) is null)
        && BatchMember.WeightProblem(BatchWeight) is null
        && Plan is { Count: <= ProgressPlan.MaxSteps } && Plan.All(step => !string.IsNullOrEmpty(step.Name) && step.Weight > 0 && double.IsFinite(step.Weight))
        && Steps is { Count: <= StateLimits.Steps } && Steps.All(step => step is { Name.Length: > 0 } && Enum.IsDefined(step.Status));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProgressAttempt))]
internal sealed partial class ProgressAttemptJson : JsonSerializerContext;
