using LexIntel.Progress.LoadTest.Servers;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>One way to bring progress to clients: a server, the workers that publish for it, and the clients that understand it.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Server">The server role's name.</param>
/// <param name="Publisher">The publisher role's kind.</param>
/// <param name="Dialogue">What its clients speak.</param>
/// <param name="Path">What they ask for, with <c>{0}</c> for the document.</param>
internal sealed record Contestant(string Name, string Server, string Publisher, string Dialogue, string Path)
{
    private const string NoSpin = "+nospin";
    private const string StreamPath = "/progress/documents/{0}/stream";
    private const string StatusPath = "/progress/documents/{0}/status";
    private const string GraphQlPath =
        "/graphql?query=subscription%7Bprogress%28document%3A%22{0}%22%29%7Bdocument_id%20status%20step%20progress%20message%20timestamp%7D%7D";

    /// <summary>Settings of the server's process.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>What the server is made of.</summary>
    public ServerRuntime Runtime { get; init; }

    /// <summary>Where its workers leave states.</summary>
    public StoreKind Store { get; init; }

    public static IReadOnlyList<Contestant> All { get; } =
    [
        new("lexintel", "lexintel", "product", "sse", StreamPath),
        new("floor", "floor", "plain", "sse", StreamPath),
        new("sse-result", "sse-result", "plain", "sse", StreamPath),
        new("signalr", "signalr", "signalr", "signalr", "/hub?document={0}"),
        new("signalr-sse", "signalr", "signalr", "signalr-sse", "/hub?document={0}"),
        new("today", "today", "plain", "sse", StreamPath),
        new("poll-postgres", "poll-postgres", "postgres", "poll", StatusPath) { Store = StoreKind.Postgres },
        new("poll-sqlite", "poll-sqlite", "sqlite", "poll", StatusPath) { Store = StoreKind.Sqlite },
        new("socket.io", "socket-io", "socket.io", "socket.io", "/socket.io/?EIO=4&transport=websocket") { Runtime = ServerRuntime.Node },
        new("graphql", "graphql-yoga", "graphql", "sse", GraphQlPath) { Runtime = ServerRuntime.Node },
        new("nchan", "nchan", "nchan", "sse", "/stream/{0}") { Runtime = ServerRuntime.Nginx },
    ];

    /// <summary>Finds a contestant. A name that ends in <c>+nospin</c> turns the spinning of the server's thread pool off.</summary>
    public static Contestant Find(string name)
    {
        var isQuiet = name.EndsWith(NoSpin, StringComparison.Ordinal);
        var plainName = isQuiet ? name[..^NoSpin.Length] : name;
        var found = All.FirstOrDefault(contestant => contestant.Name == plainName) ?? throw new ArgumentException(
            $"There is no server '{plainName}'. There are: {string.Join(", ", All.Select(static contestant => contestant.Name))}; each also with {NoSpin}.");
        return isQuiet ? found with { Name = name, Environment = [.. found.Environment, ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0")] } : found;
    }
}
