using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.LoadTest.Stores;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>The role of a server under test that is made of .NET. It says where it listens, and answers each line with what the runtime has used.</summary>
internal static class ServerRole
{
    /// <summary>The variable that makes a server speak HTTP/2.</summary>
    public const string Http2 = "LOADTEST_HTTP2";

    /// <summary>The variable that makes sockets run what waits for them on the thread that found them ready.</summary>
    public const string Inline = "LOADTEST_INLINE";

    private const int Backlog = 4096;

    /// <param name="arguments">The server, and where its Redis or database is.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var counting = RuntimeUse.CountBuffers();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseSockets(static sockets =>
        {
            sockets.Backlog = Backlog;
            sockets.UnsafePreferInlineScheduling = Environment.GetEnvironmentVariable(Inline) is not null;
        });
        // Without TLS there is no negotiation: the port speaks one of the two.
        if (Environment.GetEnvironmentVariable(Http2) is not null)
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http2));
        IServerUnderTest server = arguments[0] switch
        {
            "lexintel" => new LexIntelServer(),
            "floor" => new FloorServer(),
            "sse-result" => new SseResultServer(),
            "signalr" => new SignalRServer(),
            "today" => new TodayServer(),
            "poll-postgres" => new PollingServer(StoreKind.Postgres),
            "poll-sqlite" => new PollingServer(StoreKind.Sqlite),
            _ => throw new ArgumentException($"There is no server '{arguments[0]}'."),
        };
        server.Configure(builder, arguments[1]);
        var app = builder.Build();
        await server.MapAsync(app, arguments[1]);
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.First()).Port.ToString(CultureInfo.InvariantCulture));

        // The end of the input is the end of whoever started this.
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "settle")
                RuntimeUse.Settle();
            Console.WriteLine(JsonSerializer.Serialize(RuntimeUse.Now));
        }

        return 0;
    }
}
