using LexIntel.Progress.LoadTest.Servers;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>One way to bring progress to clients: a server, the workers that publish for it, and the clients that understand it.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Server">The server: a role of this program, or a script of the peers.</param>
/// <param name="Publisher">The kind of worker.</param>
/// <param name="Dialogue">What its clients speak.</param>
/// <param name="Path">What they ask for, with <c>{0}</c> for the document.</param>
internal sealed record Contestant(string Name, string Server, string Publisher, string Dialogue, string Path)
{
    /// <summary>Settings of a .NET server's process that a name can ask for.</summary>
    private static readonly (string Suffix, (string, string) Variable)[] Variants =
    [
        ("+nospin", ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0")),
        ("+inline", (ServerRole.Inline, "1")),
        ("+gen0", ("DOTNET_GCGen0MaxBudget", "40000")), // Hexadecimal: 256 KiB.
    ];

    private const string StreamPath = "/progress/documents/{0}/stream";
    private const string StatusPath = "/progress/documents/{0}/status";
    private const string GraphQlPath =
        "/graphql?query=subscription%7Bprogress%28document%3A%22{0}%22%29%7Bdocument_id%20status%20step%20progress%20message%20timestamp%7D%7D";

    /// <summary>What tables call it.</summary>
    public string Title { get; init; } = Name;

    /// <summary>Its versions, and what was set.</summary>
    public string Settings { get; init; } = "";

    /// <summary>What the server is made of.</summary>
    public ServerRuntime Runtime { get; init; }

    /// <summary>Where its workers leave states.</summary>
    public StoreKind Store { get; init; }

    /// <summary>Settings of the server's process.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>Whether <c>compare</c> shows it; else it is there to explain the others.</summary>
    public bool IsCompared { get; init; } = true;

    /// <summary>Whether a client that comes back is shown the newest state again, without a new update.</summary>
    public bool KeepsStates => Server is "lexintel" or "nchan" || Polls;

    /// <summary>Whether its clients ask again and again.</summary>
    public bool Polls => Dialogue == "poll";

    public static IReadOnlyList<Contestant> All { get; } =
    [
        new("lexintel", "lexintel", "product", "sse", StreamPath)
        {
            Title = "LexIntel.Progress, SSE",
            Settings = "everything at its default: stored states, heartbeats, re-reads of quiet documents, tracked jobs with leases and estimates",
        },
        new("floor", "floor", "plain", "sse", StreamPath) { Title = "floor (least code on Kestrel)", Settings = "one Redis connection, a frame shared by all readers, a slot per client; nothing is stored" },
        new("floor-stored", "floor", "product", "sse", StreamPath)
        {
            Title = "floor, states stored",
            Settings = "the floor's server behind the product's workers, which store each state, number it and hold leases: what that costs on the way",
            IsCompared = false,
        },
        new("floor-http2", "floor", "plain", "sse-http2", StreamPath)
        {
            Title = "floor, HTTP/2",
            Environment = [(ServerRole.Http2, "1")],
            Settings = "the floor, 100 streams on a connection",
            IsCompared = false,
        },
        new("floor-stored-http2", "floor", "product", "sse-http2", StreamPath)
        {
            Title = "floor, states stored, HTTP/2",
            Environment = [(ServerRole.Http2, "1")],
            Settings = "the floor behind the product's workers, 100 streams on a connection",
            IsCompared = false,
        },
        new("lexintel-ws", "lexintel", "product", "websocket", "/progress/socket") { Title = "LexIntel.Progress, WebSocket", Settings = "the same over a WebSocket" },
        new("lexintel-long-poll", "lexintel", "product", "long-poll", StatusPath + "?wait=30")
        {
            Title = "LexIntel.Progress, long poll",
            Settings = "the same by GET with If-None-Match, each answered when there is something newer",
        },
        new("lexintel-http2", "lexintel", "product", "sse-http2", StreamPath)
        {
            Title = "LexIntel.Progress, SSE over HTTP/2",
            Environment = [(ServerRole.Http2, "1")],
            Settings = "the same, 100 streams on a connection, the windows of flow control at their defaults",
        },
        new("sse-result", "sse-result", "plain", "sse", StreamPath)
        {
            Title = ".NET's SSE result",
            Settings = "TypedResults.ServerSentEvents over a bounded channel per client that drops the oldest; one Redis connection; nothing is stored",
        },
        new("signalr", "signalr", "signalr", "signalr", "/hub?document={0}")
        {
            Title = "SignalR, WebSocket",
            Settings = "ASP.NET Core SignalR 10 with its Redis backplane 10.0.12, JSON protocol, negotiation skipped, a group per document",
        },
        new("signalr-sse", "signalr", "signalr", "signalr-sse", "/hub?document={0}") { Title = "SignalR, SSE", Settings = "the same over Server-Sent Events" },
        new("today", "today", "plain", "sse", StreamPath) { Title = "a Redis connection per client", Settings = "the design of many projects today: each request opens its own ConnectionMultiplexer" },
        new("poll-postgres", "poll-postgres", "postgres", "poll", StatusPath)
        {
            Title = "polling, PostgreSQL",
            Store = StoreKind.Postgres,
            Settings = "PostgreSQL 15 at its defaults, Npgsql 10.0.3 with its default pool of 100, a poll every 3 s",
        },
        new("poll-sqlite", "poll-sqlite", "sqlite", "poll", StatusPath)
        {
            Title = "polling, SQLite",
            Store = StoreKind.Sqlite,
            Settings = "Microsoft.Data.Sqlite 10.0.13, write-ahead log, pooled connections, a poll every 3 s",
        },
        new("socket.io", "socket-io", "socket.io", "socket.io", "/socket.io/?EIO=4&transport=websocket")
        {
            Title = "Socket.IO",
            Runtime = ServerRuntime.Node,
            Settings = "socket.io 4.8.4 on one Node process, @socket.io/redis-adapter 8.3.0, WebSocket only, the initial request let go, NODE_ENV=production",
        },
        new("graphql", "graphql-yoga", "graphql", "sse", GraphQlPath)
        {
            Title = "GraphQL subscriptions",
            Runtime = ServerRuntime.Node,
            Settings = "graphql-yoga 5.24.1 on one Node process, over SSE (its default), @graphql-yoga/redis-event-target 3.0.4, NODE_ENV=production",
        },
        new("nchan", "nchan", "nchan", "sse", "/stream/{0}")
        {
            Title = "nginx nchan",
            Runtime = ServerRuntime.Nginx,
            Settings = "nginx 1.22 with nchan 1.3.6, a worker per core, Redis as store, one message kept per channel; workers POST, pipelined on one connection",
        },
    ];

    /// <summary>Finds a contestant. A name that ends in <c>+nospin</c> turns the spinning of the server's thread pool off, one in <c>+inline</c> the scheduling of its sockets; one in <c>+gen0</c> keeps its youngest generation small.</summary>
    public static Contestant Find(string name)
    {
        var parts = name.Split('+');
        var found = All.FirstOrDefault(contestant => contestant.Name == parts[0]) ?? throw new ArgumentException(
            $"There is no server '{parts[0]}'. There are: {string.Join(", ", All.Select(static contestant => contestant.Name))}; each also with {string.Join(" or ", Variants.Select(static variant => variant.Suffix))}.");
        var variables = parts[1..].Select(part => Variants.FirstOrDefault(variant => variant.Suffix[1..] == part) is { Suffix: not null } variant ? variant.Variable : throw new ArgumentException(
            $"There is no variant '+{part}'. There are: {string.Join(", ", Variants.Select(static variant => variant.Suffix))}."));
        return found with { Name = name, Environment = [.. found.Environment, .. variables] };
    }
}
