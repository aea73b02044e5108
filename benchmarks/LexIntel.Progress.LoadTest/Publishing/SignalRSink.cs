using System.Text.Json;
using LexIntel.Progress.LoadTest.Servers;
using Microsoft.AspNetCore.SignalR;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A worker that is a part of SignalR's Redis backplane and sends to the document's group.</summary>
internal sealed class SignalRSink : IUpdateSink
{
    private readonly IHubContext<SignalRServer.ProgressHub> _hub;
    private readonly string[] _ids;
    private Task _last = Task.CompletedTask;

    public SignalRSink(string redis, int documents)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        SignalRServer.AddTo(builder.Services, redis);
        _hub = builder.Build().Services.GetRequiredService<IHubContext<SignalRServer.ProgressHub>>();
        _ids = [.. Enumerable.Range(0, documents).Select(Documents.Id)];
    }

    public void Publish(int document, string message)
    {
        using var state = JsonDocument.Parse(PlainState.Json(_ids[document], message));
        _last = _hub.Clients.Group(_ids[document]).SendAsync("state", state.RootElement.Clone());
    }

    public Task FlushAsync() => _last;
}
