using DocumentPipeline.Storage;

namespace DocumentPipeline.Intake;

/// <summary>The new document, or why there is none.</summary>
internal readonly record struct IntakeResult(DocumentRecord? Document, Refusal? Refusal);
