namespace LexIntel.Progress.LoadTest.Client;

/// <summary>How clients of one protocol behave on a WebSocket. <c>{0}</c> stands for the document.</summary>
internal sealed record WebSocketManners
{
    private const string RecordEnd = "\u001e";

    /// <summary>What they say first.</summary>
    public string Hello { get; init; } = "";

    /// <summary>What they say next, each when they hear something.</summary>
    public IReadOnlyList<(byte[] Heard, string Say)> Steps { get; init; } = [];

    /// <summary>What tells them that all is set up.</summary>
    public required byte[] OpenedBy { get; init; }

    /// <summary>What they say now and then, so that the server does not take them for dead.</summary>
    public string Ping { get; init; } = "";

    public TimeSpan PingEvery { get; init; }

    /// <summary>A server's question whether they live, as a whole frame, and what they answer.</summary>
    public byte[] PingHeard { get; init; } = [];

    public string Pong { get; init; } = "";

    /// <summary>ASP.NET Core SignalR, JSON protocol; servers drop clients that are silent for 30 s.</summary>
    public static WebSocketManners SignalR { get; } = new()
    {
        Hello = $$"""{"protocol":"json","version":1}{{RecordEnd}}""",
        OpenedBy = "{}\u001e"u8.ToArray(),
        Ping = $$"""{"type":6}{{RecordEnd}}""",
        PingEvery = TimeSpan.FromSeconds(15),
    };

    /// <summary>Socket.IO 4 on Engine.IO 4; the application's own messages are "watch" and "watching".</summary>
    public static WebSocketManners SocketIo { get; } = new()
    {
        Steps = [("0{\"sid\""u8.ToArray(), "40"), ("40{\"sid\""u8.ToArray(), "42[\"watch\",\"{0}\"]")],
        OpenedBy = "42[\"watching\""u8.ToArray(),
        PingHeard = [0x81, 0x01, (byte)'2'],
        Pong = "3",
    };

    /// <summary>The product's own WebSocket: JSON objects.</summary>
    public static WebSocketManners LexIntel { get; } = new()
    {
        Hello = """{"watch":{"{0}":null}}""",
        OpenedBy = "\"document_id\":"u8.ToArray(),
    };
}
