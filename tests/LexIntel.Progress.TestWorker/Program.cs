// A worker for tests to kill: ConnectionStrings__Redis says where, the argument how many documents. Or "outbox-memory" and how many.
using System.Globalization;
using LexIntel.Progress.TestWorker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var documents = int.Parse(args[^1], CultureInfo.InvariantCulture);
if (args[0] == "outbox-memory")
{
    await OutboxMemory.PrintAsync(documents);
    return;
}

var builder = Host.CreateApplicationBuilder();
builder.Services.AddLexIntelProgress().UseRedis(builder.Configuration.GetConnectionString("Redis")!);
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Services.AddSingleton(new DocumentCount(documents));
builder.Services.AddHostedService<Jobs>();
await builder.Build().RunAsync();
