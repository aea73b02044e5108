namespace DocumentPipeline.Hosting;

/// <summary>
/// Finds the folder of the page and of <c>work</c>. The current directory is the user's, because file arguments are relative to it, so it
/// says nothing about where the sample lies.
/// </summary>
internal static class ContentRoot
{
    private const string Page = "wwwroot/index.html";
    private const string Project = "samples/DocumentPipeline";

    public static string Find()
    {
        // Published: the page lies beside the program. Built: the program lies in the artifacts folder of the repository.
        var program = AppContext.BaseDirectory;
        if (File.Exists(Path.Combine(program, Page)))
            return program;

        for (var folder = new DirectoryInfo(program); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, Project);
            if (File.Exists(Path.Combine(project, Page)))
                return project;
        }

        return Directory.GetCurrentDirectory();
    }
}
