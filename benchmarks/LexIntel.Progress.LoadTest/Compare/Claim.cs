using System.Globalization;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>What the analysis that the library began with says about one way, before anything was measured.</summary>
/// <param name="Way">What it calls the way.</param>
/// <param name="Contestant">Who stands for it here.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P95">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="Bytes">Per update.</param>
/// <param name="Memory">Per connection, in KB.</param>
/// <param name="Clients">Concurrent users that work.</param>
/// <param name="BreaksBy">Where it breaks at the latest; 0: nothing is said.</param>
internal sealed record Claim(string Way, string Contestant, double P50, double P95, double P99, double Bytes, double Memory, int Clients, int BreaksBy)
{
    /// <summary>Latency and bytes are compared at this many clients, the largest number that every way is said to carry.</summary>
    public const int Reference = 100;

    public static IReadOnlyList<Claim> All { get; } =
    [
        new("polling", "poll-postgres", 2000, 3000, 4000, 500, 1, 100, 400),
        new("SSE", "lexintel", 15, 35, 50, 200, 2, 10_000, 15_000),
        new("WebSocket", "lexintel-ws", 10, 25, 40, 100, 15, 5_000, 0),
        new("Socket.IO", "socket.io", 30, 60, 100, 150, 25, 10_000, 0),
        new("GraphQL", "graphql", 40, 80, 150, 300, 40, 1_000, 0),
    ];

    /// <summary>A row of cells "claimed → measured, verdict"; <see langword="null"/> when it was not measured.</summary>
    public string[]? Row(Comparison comparison)
    {
        var points = comparison.Of(Contestant);
        var most = comparison.Most(Contestant);
        if (points.FirstOrDefault(static point => point is { Clients: Reference, Broken: null }) is not { } at || most is null)
            return null;
        return
        [
            $"{Way} ({Contestant})",
            AtMost(P50, at.P50, "ms"), AtMost(P95, at.P95, "ms"), AtMost(P99, at.P99, "ms"), AtMost(Bytes, at.BytesPerUpdate, "bytes"), AtMost(Memory, most.Memory, "KiB"),
            $"{Number(Clients)} → {Number(most.Clients)}: {(most.Clients >= Clients ? "held" : comparison.Break(Contestant) is null ? "not tried" : "did not hold")}",
            BreaksBy == 0 ? "-" : comparison.Break(Contestant) is { } broken ? $"{Number(BreaksBy)} → {Number(broken.Clients)}: {(broken.Clients <= BreaksBy ? "held" : "did not hold")}"
                : $"{Number(BreaksBy)} → not up to {Number(most.Clients)}{(most.Clients >= BreaksBy ? ": did not hold" : "")}",
        ];
    }

    private static string AtMost(double claimed, double measured, string unit) =>
        $"{Number(claimed)} → {Number(measured)} {unit}: {(measured <= claimed ? "held" : "did not hold")}";

    private static string Number(double value) => value.ToString(value < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
