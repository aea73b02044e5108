namespace DocumentPipeline.Hosting;

/// <summary>Runs the work without the page.</summary>
internal static class WorkerMode
{
    public static async Task RunAsync(CommandLine line)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = line.Settings, ContentRootPath = ContentRoot.Find() });
        builder.AddPipeline(Role.Worker);
        using var host = builder.Build();
        await host.Services.PrepareAsync();
        await host.RunAsync();
    }
}
