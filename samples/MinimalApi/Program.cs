// The program of docs/getting-started.md: an API with live progress in five lines, a job, and a page to watch it.
using LexIntel.Progress;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddLexIntelProgress();
var app = builder.Build();
app.MapStaticAssets();
app.MapProgressStream().AllowAnonymous();

app.MapPost("/documents/{id}", (string id, IProgressPublisher progress) =>
{
    _ = progress.TrackAsync(id, plan: null, async (job, cancellationToken) =>
    {
        job.StartStep("extraction", "Reading the pages");
        foreach (var page in job.Each(Enumerable.Range(1, 50)))
            await Task.Delay(100, cancellationToken);
    });
    return Results.Accepted();
});
app.MapGet("/", () => Results.Content("""
    <!doctype html>
    <title>Uploads</title>
    <script type="module" src="/_content/LexIntel.Progress.AspNetCore/lexintel-progress.js"></script>
    <button onclick="fetch('/documents/42', { method: 'POST' }).then(() => bar.setAttribute('document-id', '42'))">Start</button>
    <lexintel-progress id="bar" document-id="42" aria-label="Progress of document 42"></lexintel-progress>
    """, "text/html"));
app.Run();
