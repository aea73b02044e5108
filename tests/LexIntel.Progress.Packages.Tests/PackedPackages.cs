using System.Globalization;
using System.IO.Compression;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>The packages as <c>dotnet pack</c> makes them of what these tests were built with: a folder feed, packed once for all tests.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    public static readonly string[] Names = ["LexIntel.Progress", "LexIntel.Progress.AspNetCore"];

    private readonly DirectoryInfo _feed = Directory.CreateTempSubdirectory("lexintel-feed-");

    /// <summary>A version that no package of another run ever had, so that no cache knows it. As of a release: previews have to be asked for.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");

    public string Feed => _feed.FullName;

    public async ValueTask InitializeAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        foreach (var name in Names)
        {
            await Command.RunAsync(
                Checkout.Root, "dotnet", ["pack", $"src/{name}", "--no-build", "-c", configuration, "-o", Feed, "--nologo", "-v", "quiet", $"-p:MinVerVersionOverride={Version}"]);
        }
    }

    /// <summary>Opens a package, or its symbols.</summary>
    /// <param name="name">Its id.</param>
    /// <param name="extension"><c>nupkg</c> or <c>snupkg</c>.</param>
    public Task<ZipArchive> OpenAsync(string name, string extension) => ZipFile.OpenReadAsync(Path.Combine(Feed, $"{name}.{Version}.{extension}"));

    public ValueTask DisposeAsync()
    {
        _feed.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
