using System.Text.RegularExpressions;

namespace LexIntel.Progress.Tests.Composition;

/// <summary>Dependencies run one way, in flow order. The sources are read, because inlined constants leave no trace in metadata.</summary>
public sealed class DependencyTests
{
    [Theory]
    [InlineData("Wire", "Backplane|Hub|Publishing|Tracking|Redis|InProcess|Http|Diagnostics|Testing")]
    [InlineData("Backplane", "Hub|Publishing|Tracking|Redis|InProcess|Http|Diagnostics|Testing")]
    [InlineData("Hub", "Publishing|Tracking|Redis|InProcess|Http|Testing")]
    [InlineData("Publishing", "Hub|Redis|InProcess|Http|Testing")]
    [InlineData("Tracking", "Hub|Redis|InProcess|Http|Testing")]
    [InlineData("InProcess", "Hub|Publishing|Tracking|Redis|Http|Testing")]
    [InlineData("Redis", "Hub|Publishing|Tracking|InProcess|Http|Testing")]
    [InlineData("Http", "Publishing|Redis|InProcess|Testing")]
    [InlineData("Diagnostics", "Hub|Publishing|Tracking|Redis|InProcess|Http|Backplane|Testing")]
    public void Stage_does_not_use_what_comes_after_it_or_beside_it(string stage, string others)
    {
        var files = Directory.GetFiles(Path.Combine(Sources, "LexIntel.Progress", stage), "*.cs");
        Assert.NotEmpty(files);
        // Documentation may point anywhere.
        var forbidden = new Regex($@"^(?!\s*///).*(using (static )?LexIntel\.Progress\.({others})\b|[^.\w]({others})\.[A-Z])", RegexOptions.Multiline);

        Assert.All(files, file => Assert.False(forbidden.IsMatch(File.ReadAllText(file)), $"{Path.GetFileName(file)}: {forbidden.Match(File.ReadAllText(file)).Value.Trim()}"));
    }

    [Fact]
    public void Redis_client_is_used_only_in_its_stage_and_the_registration()
    {
        var users = Directory.GetFiles(Sources, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Sources, file).Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("StackExchange.Redis;", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Sources, file).Replace('\\', '/'));

        Assert.All(users, file => Assert.True(
            file.StartsWith("LexIntel.Progress/Redis/", StringComparison.Ordinal) || Path.GetFileName(file).StartsWith("Progress", StringComparison.Ordinal) && file.Count(c => c == '/') == 1, file));
    }

    [Fact]
    public void AspNetCore_never_names_a_backplane_implementation()
    {
        var forbidden = new Regex(@"^(?!\s*///).*(StackExchange|LexIntel\.Progress\.(Redis|InProcess)\b)", RegexOptions.Multiline);
        var files = Directory.GetFiles(Path.Combine(Sources, "LexIntel.Progress.AspNetCore"), "*.cs", SearchOption.TopDirectoryOnly);

        Assert.All(files, file => Assert.False(forbidden.IsMatch(File.ReadAllText(file)), Path.GetFileName(file)));
    }

    [Fact]
    public void Internal_types_are_sealed_or_abstract()
    {
        var open = typeof(ProgressJob).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && !type.Name.Contains('<', StringComparison.Ordinal)
                && type.Namespace?.StartsWith("LexIntel", StringComparison.Ordinal) == true);

        Assert.Empty(open);
    }

    private static string Sources
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "LexIntel.Progress.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
            return Path.Combine(folder.FullName, "src");
        }
    }
}
