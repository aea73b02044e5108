namespace LexIntel.Progress.Chaos.Faults;

/// <summary>Which faults, and when: nothing but the seed decides. Every kind comes once before any comes again.</summary>
internal static class FaultSchedule
{
    /// <summary>An endless sequence; the experiment takes what fits into its time.</summary>
    public static IEnumerable<Fault> Of(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var kinds = Enum.GetValues<FaultKind>();
            random.Shuffle(kinds);
            foreach (var kind in kinds)
            {
                // Mostly in quick succession; now and then there is time to see everything heal.
                var after = random.Next(4) == 0 ? random.Next(5000, 9000) : random.Next(300, 2500);
                yield return new(after, kind, Duration(kind, random), random.Next(3), random.Next(1000));
            }
        }
    }

    private static int Duration(FaultKind kind, Random random) => kind switch
    {
        FaultKind.KillRedis => random.Next(200, 4000),
        FaultKind.FreezeRedis => random.Next(2000, 5000),
        FaultKind.Delay => random.Next(2000, 6000),
        FaultKind.FreezeToRedis or FaultKind.LateToRedis or FaultKind.FreezeFromRedis => random.Next(1500, 5000),
        FaultKind.Failover => random.Next(300, 3000),
        FaultKind.PauseClients => random.Next(500, 2500),
        FaultKind.KillWorker => random.Next(500, 4000),
        FaultKind.FreezeWorker => random.Next(2000, 7000),
        _ => 0,
    };
}
