// The program of docs/getting-started.md: an API with live progress in five lines, a job, and a page to watch it.
using LexIntel.Progress;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddLexIntelProgress();
var app = builder.Build();
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
    <button>Start</button> <progress max="100" value="0"></progress> <output></output>
    <script>
      document.querySelector("button").onclick = () => fetch("/documents/42", { method: "POST" });
      new EventSource("/progress/documents/42/stream").onmessage = ({ data }) => {
        const state = JSON.parse(data);
        document.querySelector("progress").value = state.progress;
        document.querySelector("output").textContent = state.error_message ?? state.message;
      };
    </script>
    """, "text/html"));
app.Run();
