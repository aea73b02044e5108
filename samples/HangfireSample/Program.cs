// Hangfire jobs with live progress: the queue retries, and the open page sees the second run on the same stream.
using Hangfire;
using HangfireSample;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHangfire(hangfire => hangfire.UseInMemoryStorage());
builder.Services.AddHangfireServer(server => server.SchedulePollingInterval = TimeSpan.FromSeconds(1));
var progress = builder.Services.AddLexIntelProgress();
// With Redis the jobs may run in other processes than the page; without, all is in this one.
if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
    progress.UseRedis(redis);

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapProgressStream().AllowAnonymous();
app.MapPost("/documents/{id}", (string id, IBackgroundJobClient queue) =>
{
    queue.Enqueue<DocumentJob>(job => job.RunAsync(id, null, CancellationToken.None));
    return Results.Accepted($"/progress/documents/{Uri.EscapeDataString(id)}/status");
});
app.Run();
