namespace DocumentPipeline.Intake;

/// <summary>The kinds of document that the pipeline reads.</summary>
internal enum DocumentKind
{
    Pdf,
    Docx,
    Text,
}
