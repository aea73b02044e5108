using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.TestWorker;

/// <summary>
/// What an outbox full of live documents costs while the backplane is away, in a process where nothing else is: prints managed bytes, for
/// running jobs and for plain updates.
/// </summary>
internal static class OutboxMemory
{
    public static async Task PrintAsync(int documents)
    {
        foreach (var isTracked in (bool[])[true, false])
        {
            var services = new ServiceCollection();
            // Port 1 of the loopback refuses every connection.
            services.AddLexIntelProgress(options => options.ShutdownFlush = TimeSpan.Zero).UseRedis("127.0.0.1:1,connectTimeout=500");
            await using var provider = services.BuildServiceProvider();
            var publisher = provider.GetRequiredService<IProgressPublisher>();
            Report(publisher, "warm-up", isTracked);
            // The documents' ids are the caller's own.
            var ids = Enumerable.Range(0, documents).Select(_ => Guid.NewGuid().ToString()).ToArray();
            var jobs = new List<ProgressJob?>(documents);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            foreach (var id in ids)
                jobs.Add(Report(publisher, id, isTracked));
            var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(isTracked ? "tracked" : "plain")} {bytes}"));
            GC.KeepAlive(jobs);
            GC.KeepAlive(ids);
        }
    }

    /// <summary>Three steps, messages of their own: what a document has to say half way.</summary>
    private static ProgressJob? Report(IProgressPublisher publisher, string id, bool isTracked)
    {
        if (!isTracked)
        {
            foreach (var step in Steps)
                _ = publisher.PublishAsync(new(id, step, 45, $"Reading page 45 of {id}")).AsTask();
            return null;
        }

        var job = publisher.Start(id);
        foreach (var step in Steps)
            job.StartStep(step);
        job.Report(0.45, $"Reading page 45 of {id}");
        return job;
    }

    private static readonly string[] Steps = ["extraction", "chunking", "embedding"];
}
