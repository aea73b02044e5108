using System.Runtime.InteropServices;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>A program of this checkout, compiled to native code. Warnings of the compiler and of trimming are errors.</summary>
internal static class NativeProgram
{
    /// <summary>Why nothing can be compiled here; <see langword="null"/> when it can.</summary>
    public static string? WhyMissing { get; } =
        Compiler is null || !File.Exists("/usr/include/zlib.h") ? "A C compiler or zlib to link with is not installed. Install them (apt-get install gcc zlib1g-dev), or run ./test.sh, which does." : null;

    private static string? Compiler => File.Exists("/usr/bin/clang") ? "clang" : File.Exists("/usr/bin/gcc") ? "gcc" : null;

    /// <summary>Compiles it; the folder of the program.</summary>
    public static async Task<string> PublishAsync(string project)
    {
        // A folder of its own, because it restores for one kind of machine, which other builds do not. It stays: the next time is quicker.
        // Without the analyzers, which have seen the same sources when these tests were built; the compiler to native code looks for itself.
        var artifacts = Path.Combine(Checkout.Root, "artifacts/native");
        var output = Path.Combine(artifacts, "out", Path.GetFileName(project));
        await Command.RunAsync(
            Checkout.Root, "dotnet",
            ["publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", output, "--nologo", "-v", "quiet",
             "-p:PublishAot=true", "-p:TrimmerSingleWarn=false", "-p:RunAnalyzers=false", $"-p:CppCompilerAndLinker={Compiler}", $"-p:ArtifactsPath={artifacts}"]);
        return output;
    }
}
