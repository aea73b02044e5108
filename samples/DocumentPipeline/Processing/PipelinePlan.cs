using LexIntel.Progress;

namespace DocumentPipeline.Processing;

/// <summary>The steps of both jobs: one bar for all of it.</summary>
internal static class PipelinePlan
{
    public const string Extraction = "extraction";
    public const string Chunking = "chunking";
    public const string Embedding = "embedding";

    public static ProgressPlan Steps { get; } = new((Extraction, 5), (Chunking, 1), (Embedding, 4));

    /// <summary>The step's share of the whole, 0-1.</summary>
    public static double Share(string step) => Steps.Steps.First(s => s.Name == step).Weight / Steps.Steps.Sum(s => s.Weight);
}
