// One document, five ways to watch it: asking for the status, long polling, Server-Sent Events, WebSocket and SignalR, side by side on one page.
using LexIntel.Progress;
using Transports;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddLexIntelProgress();
builder.Services.AddSignalR();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
// Four of the five: /status, /status?wait=, /stream and /socket.
app.MapProgressStream().AllowAnonymous();
app.MapHub<DocumentHub>("/hub");

app.MapPost("/documents/{id}", (string id, int seconds, IProgressPublisher publisher, IHostApplicationLifetime lifetime) =>
{
    if (seconds is < 1 or > SlowDocument.MostSeconds)
        return Results.Problem($"A document of {seconds} seconds cannot be made. Ask for 1 to {SlowDocument.MostSeconds}.", statusCode: StatusCodes.Status400BadRequest);
    _ = SlowDocument.RunAsync(publisher, id, TimeSpan.FromSeconds(seconds), lifetime.ApplicationStopping);
    return Results.Accepted($"/progress/documents/{Uri.EscapeDataString(id)}/status");
});
app.Run();
