// A worker for tests to kill: ConnectionStrings__Redis says where, the argument how many documents.
using LexIntel.Progress.TestWorker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder();
builder.Services.AddLexIntelProgress().UseRedis(builder.Configuration.GetConnectionString("Redis")!);
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Services.AddSingleton(new DocumentCount(int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture)));
builder.Services.AddHostedService<Jobs>();
await builder.Build().RunAsync();
