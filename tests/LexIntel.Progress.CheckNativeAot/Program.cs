// Goes the whole way, as native code or under its restrictions: a tracked job publishes, a host streams, a client reads over HTTP. With a Redis configuration as its
// argument everything travels through that. Ends with code 0 and "OK", or with an exception.
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using LexIntel.Progress;
using LexIntel.Progress.AspNetCore;

const string Id = "Größe/1";
using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Configuration["LexIntel:Progress:PublishInterval"] = "00:00:00";
builder.Services.AddOpenApi();
builder.Services.AddHealthChecks().AddLexIntelProgress();
builder.Services.AddAuthorizationBuilder().AddPolicy("document", policy => policy.RequireAssertion(
    context => context.Resource is ProgressDocumentResource or ProgressBatchResource));
builder.Services.AddAuthentication();
var progress = builder.Services.AddLexIntelProgress();
if (args is [var redis])
    progress.UseRedis(redis).Services.Configure<ProgressOptions>(options => options.Prefix = string.Create(CultureInfo.InvariantCulture, $"native-{Environment.ProcessId}:"));
await using var app = builder.Build();
app.UseWebSockets();
app.MapProgressStream().RequireProgressAccess("document");
app.MapHealthChecks("/health");
app.MapOpenApi();
await app.StartAsync(limit.Token);
var address = new Uri(app.Urls.Single());

var reader = Host.CreateEmptyApplicationBuilder(new());
reader.Services.AddLexIntelProgressClient(address);
using var client = reader.Build();
var subscriber = client.Services.GetRequiredService<IProgressSubscriber>();
var publisher = app.Services.GetRequiredService<IProgressPublisher>();

// A job, watched from before its beginning to its end.
Check(await subscriber.GetSnapshotAsync(Id, limit.Token) is null, "nothing known before the job");
var isWatched = new TaskCompletionSource();
var work = publisher.TrackAsync(Id, new(("extraction", 1), ("embedding", 3)), async (job, token) =>
{
    job.StartStep("extraction", "Reading");
    await isWatched.Task.WaitAsync(token);
    job.Report(1);
    job.StartStep("embedding", "Embedding „x“");
    job.Report(0.5);
}, new() { BatchId = "all" }, limit.Token);
List<ProgressSnapshot> states = [];
await foreach (var state in subscriber.SubscribeAsync(Id, cancellationToken: limit.Token))
{
    states.Add(state);
    isWatched.TrySetResult();
}

await work;
Check(states.Count > 1 && states[0].Step == "extraction", "the first step first");
Check(states[^1] is { Status: ProgressStatus.Completed, Percent: 100, Steps: [{ Name: "extraction" }, { Name: "embedding" }] }, "the end, with both steps");
Check(states.Zip(states.Skip(1)).All(pair => pair.First.Revision < pair.Second.Revision), "rising revisions");

// The end of it, by every other way.
Check(await subscriber.GetSnapshotAsync(Id, limit.Token) is { IsTerminal: true }, "the end as a snapshot");
Check(await publisher.FlushAsync(TimeSpan.FromSeconds(10), limit.Token), "an empty outbox");
Check(await subscriber.GetBatchAsync("all", limit.Token) is { Completed: 1, IsFinished: true }, "the batch of one document");
await publisher.PublishAsync(new ProgressUpdate("2", "x", 100) { Status = ProgressStatus.Failed, ErrorMessage = "No." }, limit.Token);
var ends = 0;
await foreach (var state in subscriber.SubscribeAsync([Id, "2"], limit.Token))
    ends += state.IsTerminal ? 1 : 0;
Check(ends == 2, "both ends on one stream");
Check((await SocketAsync()).Contains("\"status\":\"failed\"", StringComparison.Ordinal), "the end on a WebSocket");

// What hosts put beside it.
using var http = new HttpClient { BaseAddress = address };
Check(await http.GetStringAsync(new Uri("/health", UriKind.Relative), limit.Token) == "Healthy", "a healthy host");
Check((await http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), limit.Token)).Contains("/progress/documents/{documentId}/stream", StringComparison.Ordinal), "a description of the endpoints");

await app.StopAsync(limit.Token);
// Native code was not put together from assemblies when it was started.
Console.WriteLine(AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null ? "OK native" : $"OK, dynamic code: {System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported}");

async Task<string> SocketAsync()
{
    using var socket = new ClientWebSocket();
    await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/progress/socket" }.Uri, limit.Token);
    await socket.SendAsync(Encoding.UTF8.GetBytes("""{"watch":{"2":null}}"""), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    var buffer = new byte[16 * 1024];
    var messages = new StringBuilder();
    // A heartbeat comes first.
    while (!messages.ToString().Contains("\"status\":", StringComparison.Ordinal))
        messages.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, (await socket.ReceiveAsync(buffer, limit.Token)).Count)));
    return messages.ToString();
}

static void Check(bool isTrue, string expected)
{
    if (!isTrue)
        throw new InvalidOperationException($"Expected: {expected}.");
}
