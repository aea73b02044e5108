using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Xml.Linq;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>What users install.</summary>
public sealed class PackageTests(PackedPackages packages)
{
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    public static TheoryData<string> Names => [.. PackedPackages.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Package_holds_library_documentation_readme_and_icon(string name)
    {
        await using var package = await packages.OpenAsync(name, "nupkg");

        Assert.Superset(new HashSet<string>(["README.md", "icon.png", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"]), package.Entries.Select(entry => entry.FullName).ToHashSet());
        Assert.Equal(["lib/net10.0"], package.Entries.Where(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal)).Select(entry => Path.GetDirectoryName(entry.FullName)).Distinct());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Package_describes_itself_and_says_nothing_of_the_machine_it_was_made_on(string name)
    {
        var specification = await SpecificationAsync(name);

        Assert.Equal((name, packages.Version, "MIT", "icon.png", "README.md"), (Value("id"), Value("version"), Value("license"), Value("icon"), Value("readme")));
        Assert.True(Value("description").Length > 40);
        Assert.DoesNotContain(Checkout.Root, specification.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("file:", specification.ToString(), StringComparison.Ordinal);

        string Value(string element) => specification.Descendants().First(one => one.Name.LocalName == element).Value;
    }

    [Fact]
    public async Task AspNetCore_package_needs_the_core_of_the_same_version_and_no_other_package()
    {
        var dependency = Assert.Single((await SpecificationAsync("LexIntel.Progress.AspNetCore")).Descendants(), one => one.Name.LocalName == "dependency");

        Assert.Equal(("LexIntel.Progress", packages.Version), (dependency.Attribute("id")!.Value, dependency.Attribute("version")!.Value));
    }

    [Fact]
    public async Task AspNetCore_package_brings_the_browser_client()
    {
        await using var package = await packages.OpenAsync("LexIntel.Progress.AspNetCore", "nupkg");
        var client = Path.Combine(Checkout.Root, "src/lexintel-progress-client/lib");

        foreach (var module in Directory.GetFiles(client, "*.js").Where(file => !File.ReadAllText(file).Contains("from 'react'", StringComparison.Ordinal)))
        {
            var packed = package.GetEntry($"staticwebassets/{Path.GetFileName(module)}");
            Assert.NotNull(packed);
            using var content = new StreamReader(await packed.OpenAsync());
            Assert.Equal(await File.ReadAllTextAsync(module), await content.ReadToEndAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Symbols_hold_every_source(string name)
    {
        await using var symbols = await packages.OpenAsync(name, "snupkg");
        using var pdb = new MemoryStream();
        await using (var entry = await symbols.GetEntry($"lib/net10.0/{name}.pdb")!.OpenAsync())
            await entry.CopyToAsync(pdb);
        pdb.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        var reader = provider.GetMetadataReader();

        var embedded = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == EmbeddedSource)
            .Select(information => reader.GetString(reader.GetDocument((DocumentHandle)information.Parent).Name)).Select(Path.GetFileName);

        Assert.Subset(embedded.ToHashSet(), Directory.GetFiles(Path.Combine(Checkout.Root, "src", name), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileName).ToHashSet());
    }

    [Theory]
    [InlineData(typeof(IProgressPublisher))]
    [InlineData(typeof(AspNetCore.ProgressStreamOptions))]
    public void Library_says_that_it_may_be_trimmed_and_compiled_to_native_code(Type type)
    {
        var metadata = type.Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToLookup(one => one.Key, one => one.Value);

        Assert.Equal("True", Assert.Single(metadata["IsTrimmable"]));
        Assert.Equal("True", Assert.Single(metadata["IsAotCompatible"]));
    }

    private async Task<XDocument> SpecificationAsync(string name)
    {
        await using var package = await packages.OpenAsync(name, "nupkg");
        await using var specification = await package.GetEntry($"{name}.nuspec")!.OpenAsync();
        return await XDocument.LoadAsync(specification, LoadOptions.None, CancellationToken.None);
    }
}
