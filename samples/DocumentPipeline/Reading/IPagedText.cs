namespace DocumentPipeline.Reading;

/// <summary>A document that is read page by page.</summary>
internal interface IPagedText : IDisposable
{
    int PageCount { get; }

    /// <summary>Reads the text of one page, from 1. It may take long, and nothing can stop it.</summary>
    string ReadPage(int number);
}
