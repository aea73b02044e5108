// A site with the browser client, for tests in a browser: it writes down every stream, and fails where a test tells it to.
using LexIntel.Progress;
using LexIntel.Progress.TestSite;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
builder.WebHost.UseStaticWebAssets();
var progress = builder.Services.AddLexIntelProgress(options => options.PublishInterval = TimeSpan.Zero);
if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
    progress.UseRedis(redis);
builder.Services.AddSingleton<StreamLog>().AddSingleton<Faults>();

var app = builder.Build();
app.Use(app.Services.GetRequiredService<StreamLog>().FollowAsync);
app.Use(app.Services.GetRequiredService<Faults>().ApplyAsync);
app.Use(Users.CheckAsync);
if (builder.Configuration["Assets"] == "files")
    app.UseStaticFiles();
else
    app.MapStaticAssets();
app.MapProgressStream().AllowAnonymous();
app.MapGet("/", () => Results.Content(Page.Html, "text/html; charset=utf-8"));
app.MapGet("/log", (StreamLog log) => log.Read());
app.MapPost("/faults/{kind}", (string kind, Faults faults) => faults.Kind = kind);
app.MapPost("/publish", async (ProgressUpdate[] updates, IProgressPublisher publisher) =>
{
    foreach (var update in updates)
        await publisher.PublishAsync(update);
    return await publisher.FlushAsync(TimeSpan.FromSeconds(10)) ? Results.NoContent() : Results.StatusCode(StatusCodes.Status504GatewayTimeout);
});
app.MapPost("/batches/{id}", async (string id, int total, IProgressPublisher publisher) => await publisher.DeclareBatchAsync(new(id, total)));
app.Run();
