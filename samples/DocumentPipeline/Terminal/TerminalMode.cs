using DocumentPipeline.Hosting;
using DocumentPipeline.Intake;
using LexIntel.Progress;
using Spectre.Console;

namespace DocumentPipeline.Terminal;

/// <summary>Processes files here and now, in a working folder of its own that is gone afterwards, and shows how it goes.</summary>
internal static class TerminalMode
{
    public static async Task<int> RunAsync(CommandLine line)
    {
        var folder = Directory.CreateTempSubdirectory("document-pipeline-");
        try
        {
            using var host = Build(line, folder.FullName);
            await host.Services.PrepareAsync();
            await host.StartAsync();
            // Ctrl+C and SIGTERM stop the host; everything below waits with this token.
            var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var exitCode = await RunAsync(host.Services, line.Files, stopping);
            await host.StopAsync(CancellationToken.None);
            return exitCode;
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(IServiceProvider services, IReadOnlyList<string> files, CancellationToken stopping)
    {
        var console = AnsiConsole.Console;
        IDisplay display = Console.IsOutputRedirected || !console.Profile.Capabilities.Interactive ? new PlainLines(Console.Out) : new LiveBars(console);
        var queue = new TerminalQueue(services.GetRequiredService<DocumentIntake>(), services.GetRequiredService<IProgressSubscriber>());
        try
        {
            return await display.RunAsync(queue, files, stopping) ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Cancelled.");
            return ExitCodes.Interrupted;
        }
    }

    private static IHost Build(CommandLine line, string folder)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = line.Settings, ContentRootPath = ContentRoot.Find() });
        // In process, whatever is set for the server: these documents are nobody else's.
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Pipeline:WorkingFolder"] = folder,
            ["ConnectionStrings:Redis"] = null,
        });
        // A log line would tear the bars apart; what goes wrong with a document is shown with it.
        builder.Logging.ClearProviders();
        builder.AddPipeline(Role.Both);
        return builder.Build();
    }
}
