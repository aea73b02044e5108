using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>
/// Behaves as a browser's EventSource does (WHATWG HTML, 9.2): comes back after the time it was told, with the last id, when the stream ends or
/// the connection breaks; stops for good at any answer that is not an event stream.
/// </summary>
internal sealed class EventSourceClient(HttpClient client, string target)
{
    private string _lastEventId = "";

    /// <summary>The status that stopped it: 204 when all is well.</summary>
    public HttpStatusCode? StoppedBy { get; private set; }

    /// <summary>The states, by status.</summary>
    public List<string> Statuses { get; } = [];

    /// <summary>How long it was told to stay away by each <c>bye</c>, and when it came back.</summary>
    public List<(TimeSpan Delay, long CameBackAt)> Returns { get; } = [];

    /// <summary>Whether a stream is open, and something came on it.</summary>
    public bool IsOpen { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var retry = TimeSpan.FromSeconds(3);
        while (StoppedBy is null)
        {
            var isBye = false;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, target);
                request.Headers.Accept.ParseAdd("text/event-stream");
                if (_lastEventId.Length > 0)
                    request.Headers.Add("Last-Event-ID", _lastEventId);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    StoppedBy = response.StatusCode;
                    return;
                }

                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                var parser = SseParser.Create(body);
                try
                {
                    await foreach (var item in parser.EnumerateAsync(cancellationToken))
                    {
                        IsOpen = true;
                        if (item.EventType == "message")
                            Take(item.Data);
                        isBye |= item.EventType == "bye";
                    }
                }
                finally
                {
                    IsOpen = false;
                    _lastEventId = parser.LastEventId.Length > 0 ? parser.LastEventId : _lastEventId;
                    if (parser.ReconnectionInterval > TimeSpan.Zero)
                        retry = parser.ReconnectionInterval;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // A broken connection is a reason to come back.
            }

            await Task.Delay(retry, cancellationToken);
            if (isBye)
                Returns.Add((retry, TimeProvider.System.GetTimestamp()));
        }
    }

    private void Take(string json)
    {
        var status = JsonElement.Parse(json).GetProperty("status").GetString()!;
        if (status != "connected")
            Statuses.Add(status);
    }
}
