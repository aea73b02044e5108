namespace DocumentPipeline.Storage;

/// <summary>The job was given to another worker, whose results count.</summary>
internal sealed class ClaimLostException() : Exception("The job was given to another worker.");
