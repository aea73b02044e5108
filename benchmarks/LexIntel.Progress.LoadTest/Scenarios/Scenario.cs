namespace LexIntel.Progress.LoadTest.Scenarios;

/// <summary>A load.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    public required string What { get; init; }

    /// <summary>Clients.</summary>
    public int Streams { get; init; } = 10_000;

    /// <summary>Documents; 0: one for each client.</summary>
    public int Documents { get; init; }

    /// <summary>Updates per second of all documents together.</summary>
    public double Rate { get; init; }

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether servers and workers collect once when the warm-up is over. Else what the opening left behind is collected at some moment of the next minutes, in the measurement or after it.</summary>
    public bool IsSettled { get; init; }

    public TimeSpan Measure { get; init; } = TimeSpan.FromSeconds(10);

    public ScenarioKind Kind { get; init; } = ScenarioKind.Flow;

    /// <summary>The pause between polls of clients that poll.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long clients stay away in a storm; zero: not at all.</summary>
    public TimeSpan Absence { get; init; }

    public int DocumentCount => Documents > 0 ? Documents : Streams;

    /// <summary>The time between two states of one document.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(DocumentCount / Math.Max(Rate, 1e-3));

    /// <summary>The same for another number of clients: documents of their own are updated as often as before.</summary>
    public Scenario WithStreams(int streams) => this with { Streams = streams, Rate = Documents > 0 ? Rate : Rate * streams / Streams };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new() { Name = "A", What = "each client its own document, one update a second each", Rate = 10_000 },
        new() { Name = "A40", What = "each client its own document, four updates a second each", Rate = 40_000 },
        new() { Name = "B", What = "all clients one document, 10 updates a second", Documents = 1, Rate = 10 },
        new() { Name = "B30", What = "all clients one document, 30 updates a second: more than the machine can write", Documents = 1, Rate = 30 },
        new() { Name = "C", What = "memory of idle streams, after every document had one update", Kind = ScenarioKind.Idle, Measure = TimeSpan.FromSeconds(5) },
        new() { Name = "idle", What = "processor time of quiet streams: heartbeats and re-reads", Kind = ScenarioKind.Idle, WarmUp = TimeSpan.FromSeconds(45), Measure = TimeSpan.FromSeconds(30) },
        new() { Name = "storm", What = "all clients lose their stream and return at once", Kind = ScenarioKind.Storm },
        new() { Name = "cold-storm", What = "the same, to a server that has let go of everything meanwhile", Kind = ScenarioKind.Storm, Absence = TimeSpan.FromSeconds(10) },
        new() { Name = "hold", What = "as A, for ten minutes", Streams = 19_000, Rate = 10_000, Measure = TimeSpan.FromMinutes(10) },
    ];

    public static Scenario Find(string name) => All.FirstOrDefault(scenario => scenario.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no scenario '{name}'. There are: {string.Join(", ", All.Select(static scenario => scenario.Name))}.");
}

/// <summary>What is done to the server.</summary>
internal enum ScenarioKind
{
    /// <summary>Updates flow.</summary>
    Flow,

    /// <summary>Every document has one update, and then nothing happens.</summary>
    Idle,

    /// <summary>As idle, and then all clients drop their connection and come back at once.</summary>
    Storm,
}
