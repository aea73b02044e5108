// Upload many documents and watch each of them, and the batch: a page in React, and the smallest host that makes it real.
using LexIntel.Progress;
using ReactDashboard;
using ReactDashboard.Uploads;
using ReactDashboard.Work;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = "page/dist" });
builder.Services.AddProblemDetails();
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, UploadsJson.Default));
builder.Services.AddOptions<DashboardOptions>().BindConfiguration(DashboardOptions.SectionName);
builder.Services.AddSingleton<BatchList>().AddSingleton<WorkQueue>().AddHostedService<Worker>();
var progress = builder.Services.AddLexIntelProgress();
// With Redis, any number of these hosts can stream what any of them does; without, all is in this one.
if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
    progress.UseRedis(redis);

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.Use((context, next) =>
{
    // Text of users is shown as text; if some ever slipped through as markup, it would still be dead.
    context.Response.Headers.ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    context.Response.Headers.XContentTypeOptions = "nosniff";
    return next(context);
});
app.UseFileServer();
app.MapUploads();
app.MapProgressStream().AllowAnonymous();
if (!app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists)
    app.MapGet("/", () => "The page is not built. Install Node 20 or newer with npm, and start this sample again.");
app.Run();
