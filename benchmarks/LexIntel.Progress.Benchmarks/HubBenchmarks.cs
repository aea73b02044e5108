using BenchmarkDotNet.Attributes;
using LexIntel.Progress.Hub;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Benchmarks;

/// <summary>A message from the backplane into the mailboxes of a document's readers, and out of them again; the time is for one message.</summary>
[MemoryDiagnoser]
public class HubBenchmarks
{
    private readonly RisingMessage _message = new();
    private ServiceProvider _services = null!;
    private Mailbox[] _mailboxes = null!;
    private Topic _topic = null!;

    /// <summary>Readers of the document.</summary>
    [Params(1, 100, 10_000)]
    public int Readers { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        _services = new ServiceCollection().AddLexIntelProgress().Services.BuildServiceProvider();
        var hub = _services.GetRequiredService<ProgressHub>();
        _mailboxes = [.. Enumerable.Range(0, Readers).Select(static _ => new Mailbox())];
        foreach (var mailbox in _mailboxes)
            _topic = hub.Join(SampleStates.DocumentId, mailbox, null).Topic;
        await _topic.Opened;
        // The first state makes each reader's revision known, so that the next ones follow it.
        _topic.Receive(SampleStates.Json(full: true));
        TakeAll();
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    /// <summary>Fan-out: nobody takes anything, each mailbox holds the newest state.</summary>
    [Benchmark]
    public void Offer() => _topic.Receive(_message.Next());

    /// <summary>The same, and each reader takes it.</summary>
    [Benchmark]
    public int OfferAndTake()
    {
        _topic.Receive(_message.Next());
        return TakeAll();
    }

    private int TakeAll()
    {
        var taken = 0;
        foreach (var mailbox in _mailboxes)
        {
            while (mailbox.TryTake(out var delivery))
            {
                delivery.Release();
                taken++;
            }
        }

        return taken;
    }
}
