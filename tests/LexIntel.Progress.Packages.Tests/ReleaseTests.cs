using System.IO.Compression;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>What a build server makes of a tag.</summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lexintel-release-");

    [Fact(Explicit = true)]
    public async Task Tagged_commit_packed_in_two_places_gives_the_same_package_with_its_version_and_source_link()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Checkout.Root, ".git")), "The sources were downloaded without their history.");
        var first = await PackAsync("first");
        var second = await PackAsync("elsewhere/second");

        foreach (var name in PackedPackages.Names)
        {
            Assert.Equal(await ReadAsync(first, $"{name}.1.2.3.nupkg", $"lib/net10.0/{name}.dll"), await ReadAsync(second, $"{name}.1.2.3.nupkg", $"lib/net10.0/{name}.dll"));
            var symbols = await ReadAsync(first, $"{name}.1.2.3.snupkg", $"lib/net10.0/{name}.pdb");
            Assert.Equal(symbols, await ReadAsync(second, $"{name}.1.2.3.snupkg", $"lib/net10.0/{name}.pdb"));
            Assert.Contains("https://raw.githubusercontent.com/example/progress/", System.Text.Encoding.Latin1.GetString(symbols), StringComparison.Ordinal);
            var specification = System.Text.Encoding.UTF8.GetString(await ReadAsync(first, $"{name}.1.2.3.nupkg", $"{name}.nuspec"));
            Assert.Contains("url=\"https://github.com/example/progress.git\"", specification, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<string> PackAsync(string place)
    {
        var (clone, feed) = (Path.Combine(_folder.FullName, place), Path.Combine(_folder.FullName, place + "-feed"));
        await Command.RunAsync(_folder.FullName, "git", ["clone", "--quiet", "--no-tags", Checkout.Root, clone]);
        await Command.RunAsync(clone, "git", ["remote", "set-url", "origin", "https://github.com/example/progress.git"]);
        await Command.RunAsync(clone, "git", ["tag", "v1.2.3"]);
        foreach (var name in PackedPackages.Names)
            await Command.RunAsync(clone, "dotnet", ["pack", $"src/{name}", "-c", "Release", "-o", feed, "--nologo", "-v", "quiet"], ("CI", "true"));
        return feed;
    }

    private static async Task<byte[]> ReadAsync(string feed, string package, string file)
    {
        await using var archive = await ZipFile.OpenReadAsync(Path.Combine(feed, package));
        await using var entry = await archive.GetEntry(file)!.OpenAsync();
        using var content = new MemoryStream();
        await entry.CopyToAsync(content);
        return content.ToArray();
    }
}
