namespace LexIntel.Progress.Testing;

/// <summary>The checkout that the tests were built from, for tests that read documents, sources and samples.</summary>
public static class Checkout
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LexIntel.Progress.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests read files of the repository; run them from a checkout.");
    }
}
