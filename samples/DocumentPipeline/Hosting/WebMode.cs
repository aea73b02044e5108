using System.Text.Json;
using DocumentPipeline.Api;

namespace DocumentPipeline.Hosting;

/// <summary>Serves the page, uploads and streams, and by default does the work as well.</summary>
internal static class WebMode
{
    private const string DefaultUrl = "http://localhost:5080";

    public static async Task RunAsync(CommandLine line)
    {
        await using var app = Build(line);
        await app.Services.PrepareAsync();
        await app.RunAsync();
    }

    private static WebApplication Build(CommandLine line)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = line.Settings, ContentRootPath = ContentRoot.Find() });
        if (!IsAddressSet(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        // The browser client is a static asset of the library. Where the program is not published, as in `dotnet run`, it stands elsewhere.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            // The context has the same policy; the one of these options counts.
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        });
        builder.AddPipeline(line.Role);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UsePageHeaders();
        app.UseFileServer();
        app.MapDocuments();
        app.MapProgressStream().AllowAnonymous();
        return app;
    }

    private static bool IsAddressSet(ConfigurationManager configuration) =>
        new[] { "urls", "http_ports", "https_ports" }.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
