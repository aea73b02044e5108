using System.Net;
using System.Text;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Readers;

/// <summary>
/// One client: watches one document as an EventSource would, over one connection after the other, and writes down what it sees. When it
/// was told the end it asks again a little later, as a page that is loaded anew.
/// </summary>
internal sealed class Reader(ReaderLog log, int seed, HttpClient http, IReadOnlyList<Uri> backends)
{
    private readonly Random _random = new(seed);
    private string _lastId = "";
    private int _connection;
    private int _backend;

    /// <summary>Set at the end of an experiment: from now on it stays where it is and reads.</summary>
    public static bool IsSettling { get; set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _backend = _random.Next(backends.Count);
            await Task.Delay(_random.Next(2000), cancellationToken);
            while (true)
            {
                _connection++;
                using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await WatchAsync(leave);
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Delay(_random.Next(100, 1200), cancellationToken);
                if (log.Kind != ReaderKind.Steady && _random.Next(2) == 0)
                    _backend = (_backend + 1) % backends.Count;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The experiment is over.
        }
    }

    private async Task WatchAsync(CancellationTokenSource leave)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(backends[_backend], $"/progress/documents/{log.Document}/stream"));
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (_lastId.Length > 0)
                request.Headers.Add("Last-Event-ID", _lastId);
            Record(ReaderEventKind.Opened, detail: _lastId);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                Record(ReaderEventKind.NoContent);
                return;
            }

            response.EnsureSuccessStatusCode();
            await using var stream = await response.Content.ReadAsStreamAsync(leave.Token);
            using var events = new EventStream(stream);
            if (log.Kind == ReaderKind.Hopper && !IsSettling)
                leave.CancelAfter(_random.Next(300, 6000));
            await ReadAsync(events, leave.Token);
        }
        catch (OperationCanceledException)
        {
            Record(ReaderEventKind.Left);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            Record(ReaderEventKind.Broken, detail: broken.Message);
        }
    }

    private async Task ReadAsync(EventStream events, CancellationToken cancellationToken)
    {
        while (await events.ReadAsync(cancellationToken) is { } block)
        {
            var isEnd = block.Name == "end";
            _lastId = block.Id ?? _lastId;
            if (isEnd)
                Record(ReaderEventKind.End, detail: block.Id!);
            else if (block is { Name: "", Data: { } data })
                Record(SeenState.Parse(Encoding.UTF8.GetBytes(data)));
            else if (block.Name.Length > 0 && block.Name != "heartbeat")
                Record(ReaderEventKind.Named, detail: block.Name);
            if (log.Kind == ReaderKind.Slow && !IsSettling && _random.Next(20) == 0)
                await Task.Delay(_random.Next(1000, 8000), cancellationToken);
        }

        Record(ReaderEventKind.Closed);
    }

    private void Record(SeenState? state)
    {
        if (state is null)
            Record(ReaderEventKind.Named, detail: "connected");
        else
            Record(ReaderEventKind.State, state);
    }

    private void Record(ReaderEventKind kind, SeenState? state = null, string detail = "") =>
        log.Events.Add(new(Clock.Now, _connection, _backend, kind, state, detail));
}
