using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Packages.Tests;

/// <summary>A program that publishes, streams and reads back: under the restrictions of native code in every run, compiled to native code in long ones.</summary>
public sealed class NativeTests
{
    private const string Name = "LexIntel.Progress.CheckNativeAot";

    [Fact]
    public async Task Program_without_dynamic_code_goes_the_whole_way_in_process() =>
        Assert.Equal("OK, dynamic code: False", await Command.RunAsync(Built, Path.Combine(Built, Name), []));

    [Fact]
    public async Task Program_without_dynamic_code_goes_the_whole_way_over_Redis()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();

        Assert.Equal("OK, dynamic code: False", await Command.RunAsync(Built, Path.Combine(Built, Name), [redis.Configuration]));
    }

    [Fact(Explicit = true)]
    public async Task Native_program_goes_the_whole_way_in_process_and_over_Redis()
    {
        Assert.SkipWhen(NativeProgram.WhyMissing is not null, NativeProgram.WhyMissing ?? "");
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        var folder = await NativeProgram.PublishAsync($"tests/{Name}");
        await using var redis = await RedisServer.LaunchAsync();

        Assert.Equal("OK native", await Command.RunAsync(folder, Path.Combine(folder, Name), []));
        Assert.Equal("OK native", await Command.RunAsync(folder, Path.Combine(folder, Name), [redis.Configuration]));
    }

    private static string Built
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, Name, own.Name);
        }
    }
}
